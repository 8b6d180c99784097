import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeRoom } from './support/fake-room.ts';
import { answerMs, crash, heartbeatMs, type Kind, kinds, type Tab, Tabs } from './support/tabs.ts';

type Step =
  | {
      readonly type: 'write' | 'reload' | 'copy' | 'close' | 'freeze' | 'thaw' | 'look';
      readonly which: number;
    }
  | { readonly type: 'pass' | 'lose'; readonly many: number }
  | { readonly type: 'open' | 'expire' | 'cut' | 'restore' };

const which = fc.nat({ max: 9 });
const ofTab = ['write', 'write', 'write', 'reload', 'copy', 'close', 'freeze', 'thaw', 'look'] as const;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constantFrom(...ofTab), which }),
    fc.record({ type: fc.constant('pass' as const), many: fc.constantFrom(0, 1, 300, 3000, 30_000) }),
    fc.record({ type: fc.constant('lose' as const), many: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ type: fc.constantFrom('open', 'expire', 'cut', 'restore') }),
  ),
  { maxLength: 30 },
);

/** A tab with what was written in it, or in those that it goes on for. */
interface Writer {
  readonly tab: Tab;
  readonly texts: readonly string[];
}

/** What the user and his browser do; at the end each text that a tab still has must be in the log. */
async function play(kind: Kind, taken: readonly Step[]): Promise<void> {
  const room = new FakeRoom();
  const browser = new Tabs(kind);
  const writers: Writer[] = [];
  let written = 0;
  const begin = (before?: Writer): Writer => {
    const tab = browser.begin(room, before?.tab.storage);
    const { client } = tab;
    client.on('state', (state) => {
      if (state === 'ended' && tab.tab.isAlive)
        void client.join({ name: 'Ada', isPatient: true }).catch(() => {});
    });
    // As the page does.
    client.on('session', () => {
      for (const { key, problem } of client.outbox) if (problem?.code === 'ended') client.retry(key);
    });
    return { tab, texts: before?.texts ?? [] };
  };
  const open = async (before?: Writer) => {
    writers.push(begin(before));
    await browser.pass(2 * answerMs);
  };
  await open();
  for (const step of taken) {
    const index = 'which' in step ? step.which % writers.length : 0;
    const writer = writers[index];
    if (step.type === 'pass') await browser.pass(step.many);
    else if (step.type === 'lose') room.lostAnswers = step.many;
    else if (step.type === 'open' && writers.length < 5) await open();
    else if (step.type === 'expire') room.end({ reason: 'expired', action: 'create' });
    else if (step.type === 'cut') room.cut();
    else if (step.type === 'restore') room.isReachable = true;
    else if (writer === undefined) continue;
    else if (step.type === 'write' && writer.tab.client.session !== undefined) {
      const text = `text ${++written} of mine`;
      void writer.tab.client.send(text);
      writers[index] = { ...writer, texts: [...writer.texts, text] };
    } else if (step.type === 'reload') {
      crash(writer.tab);
      writers[index] = begin(writer);
    } else if (step.type === 'copy' && writers.length < 5) await open(writer);
    else if (step.type === 'close' && writers.length > 1) {
      crash(writer.tab);
      writers.splice(index, 1);
    } else if (step.type === 'freeze') writer.tab.tab.freeze();
    else if (step.type === 'thaw') writer.tab.tab.thaw();
    else if (step.type === 'look') writer.tab.client.nudge();
  }
  room.isReachable = true;
  room.lostAnswers = 0;
  for (const { tab } of writers) {
    tab.tab.thaw();
    tab.client.nudge();
  }
  await browser.pass(20 * heartbeatMs);
  // What was acknowledged before a load, and is not part of its history, is known by the next event.
  room.say();
  await browser.pass(answerMs);
  const own = room.texts.filter((text) => text.endsWith('of mine'));
  assert.deepEqual([...new Set(own)], own, 'nothing is said twice');
  for (const { tab, texts } of writers) {
    assert.deepEqual(tab.client.outbox, []);
    assert.deepEqual(
      texts.filter((text) => !own.includes(text)),
      [],
      'nothing is lost',
    );
  }
}

for (const kind of kinds) {
  test(`${kind}: what is written in tabs that are loaded anew, copied and cut off is said once [P-2]`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, (taken) => play(kind, taken)),
      { numRuns: 150 },
    );
  });
}

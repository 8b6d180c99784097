import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeRoom } from './support/fake-room.ts';
import { answerMs, crash, heartbeatMs, type Kind, kinds, type Tab, Tabs } from './support/tabs.ts';

type Step =
  | { readonly type: 'say' | 'pass'; readonly many: number }
  | { readonly type: 'open' | 'lose' | 'expire' | 'cut' | 'restore' }
  | { readonly type: 'close' | 'crash' | 'freeze' | 'thaw' | 'hide' | 'look'; readonly which: number };

const which = fc.nat({ max: 9 });
const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('say' as const), many: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ type: fc.constant('pass' as const), many: fc.constantFrom(0, 1, 300, 3000, 30_000) }),
    fc.record({ type: fc.constantFrom('open', 'open', 'lose', 'expire', 'cut', 'restore') }),
    fc.record({ type: fc.constantFrom('close', 'crash', 'freeze', 'thaw', 'hide', 'look'), which }),
  ),
  { maxLength: 25 },
);

/** What a tab of the test has seen of the log must end with it, and begin where the tab was opened. */
interface Seen {
  readonly tab: Tab;
  /** How much was said when it came in; undefined: it came in later than it was opened. */
  readonly since: number | undefined;
}

async function play(kind: Kind, taken: readonly Step[]): Promise<void> {
  const room = new FakeRoom();
  const browser = new Tabs(kind);
  let seen: Seen[] = [];
  const open = async () => {
    const since = room.texts.length;
    const tab = browser.begin(room);
    // The session was over before: one asks for a new one.
    tab.client.on('state', (state) => {
      if (state === 'ended' && !tab.states.includes('live')) {
        void tab.client.join({ name: 'Ada', isPatient: true });
      }
    });
    await browser.pass(2 * answerMs);
    seen.push({ tab, since: tab.states.includes('live') ? since : undefined });
  };
  const drop = (tab: Tab) => {
    seen = seen.filter((other) => other.tab !== tab);
  };
  await open();
  for (const step of taken) {
    const tab = 'which' in step ? seen[step.which % seen.length]?.tab : undefined;
    if (step.type === 'say') for (let i = 0; i < step.many; i++) room.say();
    else if (step.type === 'pass') await browser.pass(step.many);
    else if (step.type === 'open' && seen.length < 6) await open();
    else if (step.type === 'lose') browser.browser.loseNext();
    else if (step.type === 'expire') room.end({ reason: 'expired', action: 'create' });
    else if (step.type === 'cut') room.cut();
    else if (step.type === 'restore') room.isReachable = true;
    else if (tab === undefined) continue;
    else if (step.type === 'close') {
      tab.client.close();
      drop(tab);
    } else if (step.type === 'crash') {
      crash(tab);
      drop(tab);
    } else if (step.type === 'freeze') tab.tab.freeze();
    else if (step.type === 'thaw') tab.tab.thaw();
    else if (step.type === 'hide') tab.tab.page.dispatchEvent(new Event('pagehide'));
    else tab.client.nudge();
  }
  room.isReachable = true;
  for (const { tab } of seen) {
    tab.tab.thaw();
    tab.client.nudge();
  }
  await browser.pass(12 * heartbeatMs);
  room.say();
  await browser.pass(3 * answerMs);
  for (const { tab, since } of seen) {
    const { told } = tab;
    assert.equal(tab.client.state, 'live');
    assert.deepEqual(told, room.texts.slice(since ?? room.texts.length - told.length));
    assert.ok(told.length > 0);
  }
  if (seen.length > 0) assert.equal(room.openStreams, 1);
}

for (const kind of kinds) {
  test(`${kind}: whatever tabs do in whatever order, each is told everything once, by one stream [P-2]`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, (taken) => play(kind, taken)),
      { numRuns: 150 },
    );
  });
}

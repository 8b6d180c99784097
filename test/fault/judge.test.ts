import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReaderNotes, SenderNotes } from './support/client-notes.ts';
import { type FaultKind, type JudgeOptions, judge, wordsOf } from './support/judge.ts';
import type { ReaderRecord, RunRecord, SeenEvent, SenderRecord } from './support/records.ts';

const names = ['Ada', 'Bob', 'Cleo'];

/** A faultless run: who speaks at each turn, and after which events a reader is told of a gap of which size. */
function runOf(speakers: readonly number[], gaps: readonly { at: number; lost: number }[] = []): RunRecord {
  const log: SeenEvent[] = names.map((name, index) => ({ id: index + 1, type: 'join', name, timestamp: 1 }));
  const senders = names.map((name) => new SenderNotes(name));
  for (const speaker of speakers) {
    const sender = senders[speaker];
    assert.ok(sender);
    const asked = { key: `k${sender.asked.length}`, text: `${sender.who} says ${sender.asked.length}` };
    const id = log.length + 1;
    sender.asked.push(asked);
    sender.acknowledged.push({ ...asked, id });
    log.push({
      id,
      type: 'message',
      name: sender.who,
      message: asked.text,
      key: asked.key,
      timestamp: 1000 + id,
    });
  }
  return { senders, readers: [reader('whole', log), reader('other', log), reader('gappy', log, gaps)], log };
}

function reader(
  who: string,
  events: readonly SeenEvent[],
  gaps: readonly { at: number; lost: number }[] = [],
): ReaderNotes {
  const notes = new ReaderNotes(who, 0);
  let to = 0;
  for (const event of events) {
    if (event.id <= to) continue;
    const gap = gaps.find(({ at }) => at === event.id);
    if (gap) {
      to = Math.min(event.id - 1 + gap.lost, events.length);
      notes.hearGap(to - event.id + 1, to);
    }
    if (event.id > to) notes.see(event);
  }
  return notes;
}

function kindsIn(run: RunRecord, options?: JudgeOptions): FaultKind[] {
  return [...new Set(judge(run, options).faults.map(({ kind }) => kind))];
}

const speakers = fc.array(fc.integer({ min: 0, max: names.length - 1 }), { minLength: 8, maxLength: 60 });

/** Spoils a faultless run at any place, and expects the judge to find it. */
function finds(
  kind: FaultKind,
  spoil: (run: RunRecord, place: (length: number) => number) => RunRecord,
  options?: JudgeOptions,
): void {
  fc.assert(
    fc.property(speakers, fc.nat(), (turns, chance) => {
      const spoilt = spoil(runOf(turns), (length) => chance % length);
      assert.ok(kindsIn(spoilt, options).includes(kind), wordsOf(judge(spoilt, options)) || 'nothing found');
    }),
  );
}

/** With another first reader. */
function withReader(run: RunRecord, change: Partial<ReaderRecord>): RunRecord {
  const [first, ...rest] = run.readers;
  assert.ok(first);
  const { who, startId, ids, prints, gaps, hash, ending, oddities } = first;
  return {
    ...run,
    readers: [{ who, startId, ids, prints, gaps, hash, ending, oddities, ...change }, ...rest],
  };
}

/** With a first reader who saw these events. */
function withSeen(run: RunRecord, seen: (log: SeenEvent[]) => SeenEvent[]): RunRecord {
  return { ...run, readers: [reader('spoilt', seen([...run.log])), ...run.readers.slice(1)] };
}

function withLog(run: RunRecord, change: (log: SeenEvent[]) => SeenEvent[]): RunRecord {
  return { ...run, log: change([...run.log]) };
}

/** With one of those senders changed who have said something. */
function withSender(
  run: RunRecord,
  place: (length: number) => number,
  change: (sender: SenderRecord) => Partial<SenderRecord>,
): RunRecord {
  const speaking = run.senders.filter(({ asked }) => asked.length > 1);
  const chosen = speaking[place(speaking.length)];
  assert.ok(chosen);
  const { who, asked, acknowledged, ending, oddities } = chosen;
  const changed = { who, asked, acknowledged, ending, oddities, ...change(chosen) };
  return { ...run, senders: run.senders.map((sender) => (sender === chosen ? changed : sender)) };
}

describe('the judge', () => {
  it('finds nothing in a faultless run, with and without told gaps', () => {
    const gaps = fc.array(
      fc.record({ at: fc.integer({ min: 1, max: 40 }), lost: fc.integer({ min: 1, max: 9 }) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(speakers, gaps, (turns, gaps) => {
        const verdict = judge(runOf(turns, gaps), { allowsGaps: true });
        assert.equal(wordsOf(verdict), '');
        assert.equal(verdict.acknowledged, turns.length);
        assert.equal(verdict.events, names.length + turns.length);
      }),
    );
  });

  it('finds a message that was acknowledged and is in nobody’s log', () => {
    finds('lost', (run, place) =>
      withSender(run, place, ({ acknowledged }) => ({
        acknowledged: [...acknowledged, { key: 'gone', text: 'gone', id: run.log.length + 1 }],
      })),
    );
  });

  it('finds a message that was acknowledged under the id of another', () => {
    finds('lost', (run, place) =>
      withSender(run, place, ({ acknowledged: [first, ...rest] }) => {
        assert.ok(first);
        return { acknowledged: [{ ...first, id: 1 }, ...rest] };
      }),
    );
  });

  it('finds a message that was said with another text than was acknowledged', () => {
    finds('lost', (run, place) => withLog(run, (log) => changeMessage(log, place)));
  });

  it('finds a key that was acknowledged twice, as two messages', () => {
    finds('two answers', (run, place) =>
      withSender(run, place, ({ acknowledged: [first, second, ...rest] }) => {
        assert.ok(first && second);
        return { acknowledged: [first, { ...first, id: second.id }, second, ...rest] };
      }),
    );
  });

  it('takes a repeat that is acknowledged as the first was', () => {
    const run = runOf([0, 1, 0]);
    const repeated = withSender(
      run,
      () => 0,
      ({ acknowledged }) => ({ acknowledged: [...acknowledged, ...acknowledged] }),
    );
    assert.equal(wordsOf(judge(repeated)), '');
  });

  it('finds a message that was never answered', () => {
    finds('never answered', (run, place) =>
      withSender(run, place, ({ acknowledged }) => ({ acknowledged: acknowledged.slice(0, -1) })),
    );
  });

  it('finds a message that was said twice', () => {
    finds('said twice', (run, place) =>
      withLog(run, (log) => {
        const again = log[names.length + place(log.length - names.length)];
        assert.ok(again);
        return [...log, { ...again, id: log.length + 1 }];
      }),
    );
  });

  it('finds a message that nobody asked for', () => {
    finds('never asked for', (run) =>
      withLog(run, (log) => [...log, { id: log.length + 1, type: 'message', name: 'Eve', message: 'boo' }]),
    );
  });

  it('finds two messages of one sender in the wrong order', () => {
    finds('out of order', (run, place) =>
      withSender(run, place, ({ asked: [first, second, ...rest] }) => {
        assert.ok(first && second);
        return { asked: [second, first, ...rest] };
      }),
    );
  });

  it('finds a log with a hole', () => {
    finds('broken log', (run, place) => withLog(run, (log) => log.toSpliced(1 + place(log.length - 2), 1)));
  });

  it('finds a log that begins later than its readers', () => {
    finds('broken log', (run) => withLog(run, (log) => log.slice(1)));
  });

  it('finds time that goes back', () => {
    finds('time goes back', (run, place) =>
      withLog(run, (log) => {
        const at = names.length + 1 + place(log.length - names.length - 1);
        return log.map((event, index) => (index === at ? { ...event, timestamp: 2 } : event));
      }),
    );
  });

  it('finds an event that a reader never saw and was not told of', () => {
    finds('silent gap', (run, place) => withSeen(run, (log) => log.toSpliced(place(log.length - 1), 1)), {
      allowsGaps: true,
    });
  });

  it('finds what a reader missed at the end', () => {
    finds('incomplete', (run, place) => withSeen(run, (log) => log.slice(0, place(log.length))));
  });

  it('finds an event that came twice', () => {
    finds('duplicate', (run, place) =>
      withSeen(run, (log) => {
        const at = place(log.length);
        return log.toSpliced(at, 0, ...log.slice(at, at + 1));
      }),
    );
  });

  it('finds a replay that begins too early', () => {
    finds('duplicate', (run, place) =>
      withSeen(run, (log) => {
        const at = 2 + place(log.length - 2);
        return [...log.slice(0, at), ...log.slice(at - 2)];
      }),
    );
  });

  it('finds two events that a reader saw in the wrong order', () => {
    finds('out of order', (run, place) =>
      withSeen(run, (log) => {
        const at = place(log.length - 1);
        return log.toSpliced(at, 2, ...log.slice(at, at + 2).reverse());
      }),
    );
  });

  it('finds another text under the same id', () => {
    finds('differs', (run, place) => withSeen(run, (log) => changeMessage(log, place)));
  });

  it('finds a hash that differs though every event looked right', () => {
    finds('other hash', (run) => withReader(run, { hash: 'f00' }));
  });

  it('finds a gap where there should be none', () => {
    const run = runOf([0, 1, 2, 0, 1], [{ at: 4, lost: 2 }]);
    assert.deepEqual(kindsIn(run), ['told gap']);
    assert.deepEqual(kindsIn(run, { allowsGaps: true }), []);
  });

  it('finds a gap that was told too large, too small, or without a size', () => {
    const run = runOf([0, 1, 2, 0, 1]);
    const seen = reader('told', run.log, [{ at: 4, lost: 2 }]);
    for (const lost of [0, 1, 3, null]) {
      const told = { ...withReader(run, seen).readers[0], gaps: [{ afterEvents: 3, lost, toId: 5 }] };
      const kinds = kindsIn(withReader({ ...run, readers: [seen] }, told), { allowsGaps: true });
      assert.deepEqual(kinds, ['wrong gap'], `lost: ${lost}`);
    }
  });

  it('finds who left or joined again, unless that is allowed', () => {
    const run = runOf([0, 1, 2]);
    for (const type of ['leave', 'join']) {
      const event: SeenEvent = { id: run.log.length + 1, type, name: 'Ada' };
      const log = [...run.log, event];
      const left = { ...run, log, readers: [reader('whole', log)] };
      assert.deepEqual(kindsIn(left), ['left']);
      assert.deepEqual(kindsIn(left, { allowsLeaves: true }), []);
    }
  });

  it('finds clients that were shown out, and answers that nobody should get', () => {
    const run = runOf([0, 1, 2]);
    assert.deepEqual(kindsIn(withReader(run, { ending: 'expired' })), ['shown out']);
    assert.deepEqual(kindsIn(withReader(run, { oddities: ['500 to a poll'] })), ['odd answer']);
    const spoilt = withSender(
      runOf([0, 0]),
      () => 0,
      () => ({ ending: 'failed', oddities: ['422'] }),
    );
    assert.deepEqual(kindsIn(spoilt), ['shown out', 'odd answer']);
  });

  it('judges hundreds of thousands of events, and lists no more faults than somebody reads', () => {
    const run = runOf(Array.from({ length: 200_000 }, (_, turn) => turn % names.length));
    assert.equal(wordsOf(judge(run)), '');
    const other = withSeen(run, (log) => log.filter(({ id }) => id % 2 === 0));
    const verdict = judge(other);
    assert.ok(verdict.total > 90_000);
    assert.ok(verdict.faults.length < 30);
    assert.match(wordsOf(verdict), /^silent gap: spoilt saw 2 after 0\n.*and \d+ more$/s);
  });
});

/** With another text in one of the messages. */
function changeMessage(log: SeenEvent[], place: (length: number) => number): SeenEvent[] {
  const at = names.length + place(log.length - names.length);
  return log.map((event, index) => (index === at ? { ...event, message: `${event.message}!` } : event));
}

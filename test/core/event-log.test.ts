import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Position } from '../../src/core/cursor.ts';
import { EventLog, type HistoryLimits, type PageLimits } from '../../src/core/event-log.ts';
import {
  type ChatRoomEvent,
  type EncodedEvent,
  type EventDraft,
  encodeEvent,
  hasText,
} from '../../src/core/events.ts';
import { emptyLog, entry, message } from '../support/events.ts';

const unlimited: HistoryLimits = {
  events: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
  ageMs: Number.POSITIVE_INFINITY,
};
const all: PageLimits = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

function logOf(count: number, limits: Partial<HistoryLimits> = {}): EventLog {
  const log = new EventLog(emptyLog(), { ...unlimited, ...limits });
  for (let id = 1; id <= count; id++) log.append([entry(id, message(`${id}`))]);
  return log;
}

function idsOf(events: readonly EncodedEvent[]): number[] {
  return events.map(({ event }) => event.id);
}

test('[LOG-1] an event that does not follow the one before is a fault', () => {
  for (const id of [0, 1, 2, 4]) {
    assert.throws(() => logOf(2).append([entry(id, message('x'))]), RangeError);
  }
  const log = logOf(2);
  log.append([entry(3, message('x')), entry(4, message('y'))]);
  assert.equal(log.headId, 4);
});

test('[LOG-5] a cursor that is kept reads on, an older one tells how many are lost', () => {
  const log = logOf(10, { events: 4 });
  const at = (id: number) => log.since({ epoch: 'e1', id }, all);
  assert.deepEqual(idsOf(at(6).events), [7, 8, 9, 10]);
  assert.equal(at(6).gap, null);
  assert.deepEqual(at(10).events, []);
  assert.equal(at(5).gap?.lost, 1);
  assert.equal(at(0).gap?.lost, 6);
  assert.deepEqual(idsOf(at(0).events), [7, 8, 9, 10]);
  assert.equal(log.since('start', all).gap?.lost, 6);
});

test('[LOG-2] of what was before an epoch that began later, nobody knows how much is lost', () => {
  const snapshot = { ...emptyLog(), baseId: 100, startId: 100 };
  const log = new EventLog(snapshot, { ...unlimited, events: 2 });
  assert.deepEqual(new EventLog(log.snapshot(), unlimited).snapshot(), snapshot);
  assert.equal(log.since('start', all).gap?.lost, null);
  for (const id of [101, 102, 103]) log.append([entry(id, message(`${id}`))]);
  assert.equal(log.since('start', all).gap?.lost, null);
  assert.equal(log.since({ epoch: 'e1', id: 100 }, all).gap?.lost, 1);
  assert.deepEqual(idsOf(log.since('start', all).events), [102, 103]);
});

test('[LOG-2] beyond the head and in another epoch nobody knows how many are lost', () => {
  const log = logOf(10, { events: 4 });
  for (const position of [
    { epoch: 'e1', id: 11 },
    { epoch: 'e2', id: 8 },
    { epoch: '', id: 0 },
  ]) {
    const { gap, events } = log.since(position, all);
    assert.equal(gap?.lost, null);
    assert.deepEqual(idsOf(events), [7, 8, 9, 10]);
  }
});

test('[LOG-2] the start of a log of which nothing is gone is no gap', () => {
  assert.equal(logOf(0).since('start', all).gap, null);
  const { gap, events } = logOf(3).since('start', all);
  assert.equal(gap, null);
  assert.deepEqual(idsOf(events), [1, 2, 3]);
});

test('a page ends at so many events or bytes, and has at least one event', () => {
  const log = logOf(9);
  const size = entry(1, message('1')).bytes;
  const read = (page: PageLimits) => log.since('start', page);
  assert.deepEqual(idsOf(read({ events: 3, bytes: 1e6 }).events), [1, 2, 3]);
  assert.deepEqual(idsOf(read({ events: 9, bytes: size * 2 }).events), [1, 2]);
  assert.deepEqual(idsOf(read({ events: 9, bytes: size * 3 - 1 }).events), [1, 2]);
  assert.deepEqual(idsOf(read({ events: 9, bytes: 1 }).events), [1]);
  assert.deepEqual(idsOf(read({ events: 0, bytes: 0 }).events), []);
  assert.deepEqual(idsOf(log.before(undefined, { events: 9, bytes: size * 2 }).events), [8, 9]);
  assert.deepEqual(idsOf(log.before(undefined, { events: 9, bytes: 1 }).events), [9]);
  assert.equal(read({ events: 9, bytes: 1e6 }).more, false);
  assert.equal(read({ events: 8, bytes: 1e6 }).more, true);
});

test('[LOG-7] old events go by a trim; the newest may be among them', () => {
  const log = new EventLog(emptyLog(), { ...unlimited, ageMs: 100 });
  log.append([entry(1, message('a'), 1000), entry(2, message('b'), 1050), entry(3, message('c'), 1100)]);
  log.trim(1150);
  assert.deepEqual(idsOf(log.since('start', all).events), [2, 3]);
  log.trim(1151);
  assert.equal(log.baseId, 2);
  log.trim(9999);
  assert.equal(log.length, 0);
  assert.equal(log.bytes, 0);
  assert.equal(log.headId, 3);
  log.append([entry(4, message('d'), 9999)]);
  assert.equal(log.headId, 4);
});

test('[LOG-7] an event larger than all that is kept goes at once', () => {
  const log = logOf(3, { bytes: 200 });
  log.append([entry(4, message('x'.repeat(300)))]);
  assert.equal(log.length, 0);
  assert.equal(log.baseId, 4);
});

test('[LOG-7] what is no longer kept is not held in memory either', async () => {
  const log = new EventLog(emptyLog(), { ...unlimited, events: 100 });
  const dropped: WeakRef<ChatRoomEvent>[] = [];
  const fill = (): void => {
    for (let id = 1; id <= 150; id++) {
      const encoded = entry(id, message(`${id}`));
      if (id <= 50) dropped.push(new WeakRef(encoded.event));
      log.append([encoded]);
    }
  };
  fill();
  await collectGarbage();
  assert.deepEqual(
    dropped.filter((ref) => ref.deref() !== undefined),
    [],
  );
  assert.equal(log.length, 100);
});

test('a log made of a snapshot is the same log', () => {
  const log = new EventLog(emptyLog(), { ...unlimited, events: 3 });
  log.append([
    entry(1, { type: 'join', name: 'Ada' }),
    entry(2, { type: 'join', name: 'Bob' }),
    entry(3, { type: 'leave', name: 'Ada' }),
    entry(4, message('hi', 'Bob')),
  ]);
  const copy = new EventLog(log.snapshot(), unlimited);
  assert.deepEqual(copy.snapshot(), log.snapshot());
  assert.deepEqual(copy.roster.names(), ['Bob']);
  assert.deepEqual(copy.rosterAt(1).names(), ['Ada']);
  assert.deepEqual(copy.rosterAt(2).names(), ['Ada', 'Bob']);
  assert.deepEqual(copy.headCursor, { epoch: 'e1', id: 4 });
  assert.equal(copy.bytes, log.bytes);
});

test('[LOG-4] a redaction takes the text out of its target, and out of nothing else', () => {
  const log = new EventLog(emptyLog(), unlimited);
  log.append([
    entry(1, { type: 'join', name: 'Ada' }),
    entry(2, { type: 'message', name: 'Ada', message: 'a secret', key: 'k' }),
    entry(3, { type: 'announcement', message: 'a secret' }),
    entry(4, message('harmless')),
  ]);
  const [, earlier] = log.since('start', all).events;
  assert.equal(log.redactionId, 0);
  // Neither what has no text nor what is not there is any matter.
  log.append([2, 3, 1, 5, 9].map((target, i) => entry(5 + i, { type: 'redaction', target })));
  assert.equal(log.redactionId, 9);
  const { events } = log.since('start', all);
  assert.deepEqual(
    events.slice(0, 4).map(({ json }) => json),
    [
      '{"id":1,"type":"join","timestamp":1,"name":"Ada"}',
      '{"id":2,"type":"message","timestamp":2,"name":"Ada","message":"","key":"k","redacted":true}',
      '{"id":3,"type":"announcement","timestamp":3,"message":"","redacted":true}',
      '{"id":4,"type":"message","timestamp":4,"name":"Ada","message":"harmless"}',
    ],
  );
  assert.deepEqual(log.before(undefined, all).events, events);
  assert.deepEqual(log.snapshot().events, events);
  assert.equal(log.at(2), events[1]);
  assert.deepEqual([log.at(0), log.at(10)], [undefined, undefined]);
  assert.deepEqual(log.rosterAt(6).names(), ['Ada']);
  assert.match(earlier?.json ?? '', /a secret/, 'what was read before is as it was');
});

test('[LOG-4] a log that is made of a store’s has no text in it that was redacted, whatever the store gives', () => {
  const events = [
    entry(1, message('a secret')),
    entry(2, { type: 'redaction', target: 1 }),
    encodeEvent({ ...entry(3, message('')).event, redacted: true } as ChatRoomEvent),
    entry(4, { type: 'redaction', target: 3 }),
  ];
  const log = new EventLog({ ...emptyLog(), events }, unlimited);
  assert.doesNotMatch(JSON.stringify(log.snapshot()), /secret/);
  assert.equal(log.snapshot().events[2], events[2], 'what has no text is not made anew');
  assert.equal(log.redactionId, 4);
  const later = new EventLog({ ...emptyLog(), baseId: 1, events: events.slice(1) }, unlimited);
  assert.equal(later.length, 3, 'a target may be gone');
});

/** The same log, as simple as can be: everything that ever happened, and how much of it is gone. */
class NaiveLog {
  readonly history: EncodedEvent[] = [];
  gone = 0;

  get kept(): readonly EncodedEvent[] {
    return this.history.slice(this.gone);
  }

  get bytes(): number {
    return this.kept.reduce((sum, one) => sum + one.bytes, 0);
  }

  rosterAt(id: number): string[] {
    const names = new Set<string>();
    for (const { event } of this.history.slice(0, id)) {
      if (event.type === 'join') names.add(event.name);
      if (event.type === 'leave') names.delete(event.name);
    }
    return [...names].sort();
  }
}

type LogStep =
  | { readonly type: 'append'; readonly drafts: readonly EventDraft[] }
  | { readonly type: 'trim'; readonly age: number }
  | { readonly type: 'shrink'; readonly bytes: number };

const name = fc.constantFrom('Ada', 'Bob', 'Cleo', '__proto__');
const draft: fc.Arbitrary<EventDraft> = fc.oneof(
  fc.record({ type: fc.constant('join' as const), name }),
  fc.record({ type: fc.constant('leave' as const), name }),
  fc.record({ type: fc.constant('message' as const), name, message: fc.string({ maxLength: 60 }) }),
);
const logStep: fc.Arbitrary<LogStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('append' as const), drafts: fc.array(draft, { maxLength: 8 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('trim' as const), age: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('shrink' as const), bytes: fc.nat(800) }) },
);
const history = fc.record({
  events: fc.constantFrom(1, 2, 7, 30, Number.POSITIVE_INFINITY),
  bytes: fc.constantFrom(100, 500, 2000, Number.POSITIVE_INFINITY),
  ageMs: fc.constant(10),
});

function build(limits: HistoryLimits, steps: readonly LogStep[]): { log: EventLog; naive: NaiveLog } {
  const log = new EventLog(emptyLog(), limits);
  const naive = new NaiveLog();
  for (const step of steps) {
    switch (step.type) {
      case 'append': {
        const batch = step.drafts.map((one, i) => entry(naive.history.length + i + 1, one));
        naive.history.push(...batch);
        while (naive.kept.length > limits.events || naive.bytes > limits.bytes) naive.gone += 1;
        log.append(batch);
        break;
      }
      case 'trim': {
        const now = naive.history.length + step.age;
        while (naive.kept[0] && naive.kept[0].event.timestamp < now - limits.ageMs) naive.gone += 1;
        log.trim(now);
        break;
      }
      case 'shrink':
        while (naive.bytes > step.bytes) naive.gone += 1;
        log.shrinkTo(step.bytes);
    }
  }
  return { log, naive };
}

test('[LOG-1, LOG-5] after any appends and trims, any cursor is answered exactly, with the roster of both ends', () => {
  fc.assert(
    fc.property(history, fc.array(logStep, { maxLength: 30 }), (limits, steps) => {
      const { log, naive } = build(limits, steps);
      const head = naive.history.length;
      assert.equal(log.headId, head);
      assert.equal(log.baseId, naive.gone);
      assert.equal(log.length, naive.kept.length);
      assert.equal(log.bytes, naive.bytes);
      assert.deepEqual(log.roster.names().sort(), naive.rosterAt(head));
      const before = JSON.stringify(log.snapshot());
      for (let id = 0; id <= head + 1; id++) {
        const positions: Position[] = [
          { epoch: 'e1', id },
          { epoch: 'e2', id },
        ];
        if (id === 0) positions.push('start');
        for (const position of positions) {
          const isHere = position === 'start' || (position.epoch === 'e1' && id <= head);
          const { gap, events, cursor, more } = log.since(position, all);
          const lost = !isHere ? null : id < naive.gone ? naive.gone - id : undefined;
          assert.equal(gap?.lost, lost);
          if (gap) assert.deepEqual(gap.roster.names().sort(), naive.rosterAt(naive.gone));
          assert.deepEqual(events, lost === undefined ? naive.history.slice(id) : naive.kept);
          assert.deepEqual(cursor, log.headCursor);
          assert.equal(more, false);
        }
        if (id >= naive.gone && id <= head) {
          assert.deepEqual(log.rosterAt(id).names().sort(), naive.rosterAt(id));
        }
      }
      assert.equal(JSON.stringify(log.snapshot()), before, 'reading changes nothing [LOG-4]');
    }),
    { numRuns: 200 },
  );
});

type SecretStep =
  | { readonly type: 'say'; readonly many: number; readonly isAnnounced: boolean }
  | { readonly type: 'redact'; readonly back: number }
  | { readonly type: 'both'; readonly many: number }
  | { readonly type: 'drop'; readonly bytes: number }
  | { readonly type: 'age'; readonly ms: number }
  | { readonly type: 'restart' };

const secretStep: fc.Arbitrary<SecretStep> = fc.oneof(
  fc.record({
    type: fc.constant('say' as const),
    many: fc.integer({ min: 1, max: 5 }),
    isAnnounced: fc.boolean(),
  }),
  fc.record({ type: fc.constant('redact' as const), back: fc.nat(12) }),
  fc.record({ type: fc.constant('both' as const), many: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant('drop' as const), bytes: fc.nat(1500) }),
  fc.record({ type: fc.constant('age' as const), ms: fc.nat(14) }),
  fc.constant({ type: 'restart' as const }),
);

test('[LOG-1, LOG-4] in any order of messages, redactions, trims and restarts nobody reads a redacted text', () => {
  fc.assert(
    fc.property(history, fc.array(secretStep, { maxLength: 40 }), (limits, steps) => {
      let log = new EventLog(emptyLog(), limits);
      const redacted = new Set<number>();
      const take = (drafts: readonly EventDraft[]) => {
        const batch = drafts.map((one, i) => entry(log.headId + i + 1, one));
        for (const { event } of batch) if (event.type === 'redaction') redacted.add(event.target);
        log.append(batch);
      };
      const say = (id: number, isAnnounced: boolean): EventDraft =>
        isAnnounced ? { type: 'announcement', message: `<${id}>` } : message(`<${id}>`);
      for (const step of steps) {
        const next = log.headId + 1;
        if (step.type === 'say') {
          take(Array.from({ length: step.many }, (_, i) => say(next + i, step.isAnnounced)));
        } else if (step.type === 'redact')
          take([{ type: 'redaction', target: Math.max(1, next - step.back) }]);
        else if (step.type === 'both') {
          const said = Array.from({ length: step.many }, (_, i) => say(next + i, false));
          take([...said, ...said.map((_, i): EventDraft => ({ type: 'redaction', target: next + i }))]);
        } else if (step.type === 'drop') log.shrinkTo(step.bytes);
        else if (step.type === 'age') log.trim(log.headId + step.ms);
        else log = new EventLog(log.snapshot(), limits);

        const { events } = log.since('start', all);
        assert.deepEqual(
          idsOf(events),
          Array.from({ length: log.length }, (_, i) => log.baseId + 1 + i),
        );
        assert.equal(
          log.bytes,
          events.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0),
        );
        assert.deepEqual(log.before(undefined, all).events, events);
        for (const one of events) {
          assert.deepEqual(one, encodeEvent(one.event));
          if (!hasText(one.event)) continue;
          const isGone = redacted.has(one.event.id);
          assert.equal(one.event.message, isGone ? '' : `<${one.event.id}>`);
          assert.equal(one.event.redacted ?? false, isGone);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('paging forwards and backwards visits every event that is kept once, in order', () => {
  const page = fc.record({
    events: fc.integer({ min: 1, max: 5 }),
    bytes: fc.constantFrom(1, 150, 400, 1e6),
  });
  fc.assert(
    fc.property(history, fc.array(logStep, { maxLength: 20 }), page, (limits, steps, size) => {
      const { log, naive } = build(limits, steps);
      const kept = idsOf(naive.kept);
      const forwards: number[] = [];
      for (let from: Position = { epoch: 'e1', id: log.baseId }, more = true; more; ) {
        const reading = log.since(from, size);
        assert.ok(reading.events.length > 0 || kept.length === 0);
        forwards.push(...idsOf(reading.events));
        ({ cursor: from, more } = reading);
      }
      assert.deepEqual(forwards, kept);

      const backwards: number[] = [];
      for (let to: Position | undefined, more = true; more; ) {
        const reading = log.before(to, size);
        assert.equal(reading.gap, null);
        assert.ok(reading.events.length > 0 || kept.length === 0);
        backwards.unshift(...idsOf(reading.events));
        ({ cursor: to, more } = reading);
      }
      assert.deepEqual(backwards, kept);
    }),
    { numRuns: 200 },
  );
});

test('before a cursor that is out of reach there is nothing; before an unknown one, the newest, and a gap', () => {
  const log = logOf(10, { events: 4 });
  const old = log.before({ epoch: 'e1', id: 3 }, all);
  assert.deepEqual({ events: old.events, more: old.more }, { events: [], more: false });
  for (const position of [
    { epoch: 'e2', id: 8 },
    { epoch: 'e1', id: 11 },
  ]) {
    const { gap, events } = log.before(position, { events: 2, bytes: 1e6 });
    assert.equal(gap?.lost, null);
    assert.deepEqual(idsOf(events), [9, 10]);
  }
});

async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  // A WeakRef keeps its target until the end of the turn in which it was made.
  await new Promise((resolve) => setImmediate(resolve));
  runInNewContext('gc')();
}

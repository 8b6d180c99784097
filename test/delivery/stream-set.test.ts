import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ending } from '../../src/core/endings.ts';
import { ChatError } from '../../src/core/errors.ts';
import { Passes } from '../../src/delivery/passes.ts';
import { type BeatingStream, StreamSet } from '../../src/delivery/stream-set.ts';
import { FakeClock } from '../support/fake-clock.ts';

const heartbeatMs = 15_000;
const slowMs = 10_000;

/** Beats as a real stream does: only after silence, never while blocked. */
class FakeStream implements BeatingStream {
  readonly isActive = true;
  readonly isStream: boolean;
  readonly room: string;
  lag = { bytes: 0, events: 0 };
  readonly reachedAt = undefined;
  readonly beats: number[] = [];
  readonly endings: Ending[] = [];
  told = 0;
  onTold = (): void => {};
  readonly #clock: FakeClock;
  lastWriteAt: number;
  blockedAt: number | undefined;
  slowAt: number | undefined;

  constructor(clock: FakeClock, room = 'lobby', isStream = true) {
    this.room = room;
    this.isStream = isStream;
    this.#clock = clock;
    this.lastWriteAt = clock.monotonic();
  }

  get isBlocked(): boolean {
    return this.blockedAt !== undefined;
  }

  beat(nowMs: number, silenceMs: number): void {
    assert.equal(nowMs, this.#clock.monotonic());
    if (this.blockedAt !== undefined || nowMs - this.lastWriteAt < silenceMs) return;
    this.lastWriteAt = nowMs;
    this.beats.push(nowMs);
  }

  endIfSlow(nowMs: number, boundMs: number): void {
    if (this.blockedAt !== undefined && nowMs - this.blockedAt >= boundMs) this.slowAt ??= nowMs;
  }

  restrictionsChanged(): void {}

  storeChanged(): void {
    this.told += 1;
    this.onTold();
  }

  notify(): boolean {
    return true;
  }

  end(ending: Ending): void {
    this.endings.push(ending);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function setUp(options: { maxPerAddress?: number; heartbeatMs?: number } = {}) {
  const clock = new FakeClock();
  const streams = new StreamSet({
    clock,
    passes: new Passes(clock),
    heartbeatMs,
    slowMs,
    maxPerAddress: 1_000,
    ...options,
  });
  const open = () => {
    streams.admit('a');
    const stream = new FakeStream(clock);
    streams.add(stream);
    return stream;
  };
  return { clock, streams, open };
}

test('[FAN-5] no stream is silent for longer than one heartbeat, and none beats much oftener than twice in one', () => {
  const { clock, streams, open } = setUp();
  streams.start();
  const opened = Array.from({ length: 50 }, () => {
    clock.advance(97);
    return { stream: open(), at: clock.monotonic() };
  });
  clock.advance(10 * heartbeatMs);
  for (const { stream, at } of opened) {
    const times = [at, ...stream.beats, clock.monotonic()];
    for (const [index, time] of times.slice(1).entries())
      assert.ok(time - (times[index] ?? 0) <= heartbeatMs);
    assert.ok(stream.beats.length >= 10 && stream.beats.length <= 22, `${stream.beats.length} beats`);
  }
});

test('[FAN-5] beats are spread over the interval, by one timer for all', () => {
  const { clock, streams, open } = setUp();
  streams.start();
  streams.start();
  assert.equal(clock.pending, 1);
  const opened = Array.from({ length: 160 }, open);
  assert.equal(clock.pending, 1);
  clock.advance(heartbeatMs);
  const perMoment = new Map<number, number>();
  for (const { beats } of opened) for (const at of beats) perMoment.set(at, (perMoment.get(at) ?? 0) + 1);
  assert.ok(Math.max(...perMoment.values()) <= 10);
  streams.stop();
  assert.equal(clock.pending, 0);
});

test('[FAN-5] a stream that was just written to does not beat', () => {
  const { clock, streams, open } = setUp();
  streams.start();
  const stream = open();
  for (let step = 0; step < 100; step++) {
    clock.advance(heartbeatMs / 10);
    stream.lastWriteAt = clock.monotonic();
  }
  assert.deepEqual(stream.beats, []);
});

test('[FAN-3] only blocked streams are asked whether they are slow, soon after they are, whatever the heartbeat', () => {
  for (const heartbeat of [1_000, heartbeatMs, 3_600_000]) {
    const { clock, streams, open } = setUp({ heartbeatMs: heartbeat });
    streams.start();
    const [stalled, drained, quiet] = [open(), open(), open()];
    for (const stream of [stalled, drained]) {
      stream.blockedAt = clock.monotonic();
      streams.noteBlocked(stream);
    }
    const since = clock.monotonic();
    clock.advance(slowMs - 1);
    drained.blockedAt = undefined;
    streams.noteDrained(drained);
    assert.equal(stalled.slowAt, undefined);
    clock.advance(slowMs);
    assert.ok(stalled.slowAt !== undefined && stalled.slowAt - since <= slowMs * 1.25 + 1);
    assert.equal(drained.slowAt, undefined);
    assert.equal(quiet.slowAt, undefined);
  }
});

test('[P-3] an address has so many streams and polls and no more, until one is counted off', () => {
  const { streams, open } = setUp({ maxPerAddress: 2 });
  const first = open();
  open();
  const isRefusal = (error: unknown) =>
    error instanceof ChatError &&
    error.code === 'rate-limited' &&
    error.message.startsWith('MAX_STREAMS_PER_IP allows 2 ');
  assert.throws(() => streams.admit('a'), isRefusal);
  streams.admit('b');
  streams.delete(first, 'a');
  // Again for the same stream counts nothing off.
  streams.delete(first, 'a');
  streams.admit('a');
  assert.throws(() => streams.admit('a'), isRefusal);
  streams.dismiss('b');
  streams.admit('b');
  streams.admit('b');
  assert.throws(() => streams.admit('b'), isRefusal);
});

test('size counts the open streams', () => {
  const { streams, open } = setUp();
  const opened = Array.from({ length: 40 }, open);
  assert.equal(streams.size, 40);
  for (const stream of opened.slice(1)) streams.delete(stream, 'a');
  assert.equal(streams.size, 1);
});

test('[FAN-6] endAll ends every stream and poll, and a poll that begins to wait afterwards', async () => {
  const { clock, streams, open } = setUp();
  const opened = [open(), open()];
  const poll = new FakeStream(clock);
  streams.addPoll(poll);
  const gone = new FakeStream(clock);
  streams.addPoll(gone);
  streams.deletePoll(gone);
  let isOver = false;
  const over = streams.endAll('shutdown').then(() => {
    isOver = true;
  });
  const shutdown = { reason: 'shutdown', action: 'reconnect', reconnect: true };
  for (const stream of [...opened, poll]) assert.deepEqual(stream.endings, [shutdown]);
  assert.deepEqual(gone.endings, []);
  const late = new FakeStream(clock);
  streams.addPoll(late);
  assert.deepEqual(late.endings, [shutdown]);
  // It is over once the last stream has flushed what it had.
  for (const stream of opened) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(!isOver);
    streams.delete(stream, 'a');
  }
  await over;
});

test('what is told of the store is told to all streams once per change', async () => {
  const { streams, open } = setUp();
  const opened = Array.from({ length: 20 }, open);
  streams.noteStore(false);
  for (const isAway of [true, true, false]) {
    streams.noteStore(isAway);
    assert.equal(streams.isStoreAway, isAway);
    await turn();
  }
  for (const { told } of opened) assert.equal(told, 2);
});

test('[FAN-7] all streams are told of the store in turns, also of what changes meanwhile', async () => {
  const { clock, streams, open } = setUp();
  const opened = Array.from({ length: 100 }, open);
  for (const stream of opened) stream.onTold = () => clock.advance(1);
  streams.noteStore(true);
  const mostPerTurn = 10;
  let told = 0;
  for (let turns = 0; turns < 100 && told < 200; turns++) {
    await turn();
    const now = opened.reduce((sum, stream) => sum + stream.told, 0);
    assert.ok(now - told <= mostPerTurn, `${now - told} in one turn`);
    // Half of them know the one, when the other comes.
    if (told < 50 && now >= 50) streams.noteStore(false);
    // What rests between two passes.
    clock.advance(20);
    told = now;
  }
  assert.ok(opened.every((stream) => stream.told === 2));
});

test('while all streams end, each is asked to come back as if all were still there', async () => {
  const { streams, open } = setUp({ maxPerAddress: Number.POSITIVE_INFINITY });
  const opened = Array.from({ length: 10_000 }, open);
  const over = streams.endAll('shutdown');
  for (const stream of opened) streams.delete(stream, 'a');
  await over;
  const all = Array.from({ length: 200 }, () => streams.reconnectMs());
  assert.ok(Math.max(...all) > 6_000 && Math.max(...all) <= 12_000);
});

test('[FAN-6] without any stream endAll is over at once', async () => {
  const { streams } = setUp();
  await streams.endAll('shutdown');
});

test('a survey says how many streams each room has, and how far the last of them is behind', () => {
  const { clock, streams } = setUp();
  const [live, late, blocked, feed] = [
    new FakeStream(clock),
    new FakeStream(clock),
    new FakeStream(clock, 'attic'),
    new FakeStream(clock, 'lobby', false),
  ];
  late.lag = { bytes: 0, events: 7 };
  blocked.lag = { bytes: 4096, events: 3 };
  blocked.blockedAt = clock.monotonic();
  for (const stream of [live, late, blocked, feed]) streams.add(stream);
  assert.deepEqual(streams.survey(), {
    byRoom: new Map([
      ['lobby', { members: 2, feed: 1 }],
      ['attic', { members: 1, feed: 0 }],
    ]),
    lag: { bytes: 4096, events: 7 },
    behind: 2,
    blocked: 1,
  });
});

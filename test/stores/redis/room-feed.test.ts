/** What a feed makes of publications that come, do not come, or come too early; against a room that only the test changes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreListener } from '../../../src/core/store.ts';
import { unavailable } from '../../../src/stores/redis/failures.ts';
import type { PublishedEnding } from '../../../src/stores/redis/publications.ts';
import { RoomFeed } from '../../../src/stores/redis/room-feed.ts';
import { entry, message } from '../../support/events.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';

class Room {
  epoch = 'e1';
  baseId = 0;
  head = 0;
  pub = 0;
  readonly endings: PublishedEnding[] = [];
  readonly interruptions: string[] = [];
  readonly ended: string[] = [];
  readonly faults: string[] = [];
  readings = 0;
  /** While set, reading takes until it is resolved. */
  held: Promise<void> | undefined;
  /** While set, what is missing cannot be read. */
  failing: Error | undefined;
  readonly clock = new FakeClock();
  readonly feed = new RoomFeed({
    clock: this.clock,
    source: {
      read: async () => {
        this.readings += 1;
        const { mark, events, baseId, epoch } = this;
        const room = {
          log: { epoch, baseId, users: [], events: events(baseId) },
          mark,
          ending: this.#ending,
        };
        await this.held;
        return room;
      },
      readMissing: async (after, ending) => {
        this.readings += 1;
        if (this.failing) throw this.failing;
        const { mark, events } = this;
        const isKept = after.epoch === this.epoch && after.head >= this.baseId;
        const endings = this.endings.filter(({ entry: at }) => at > ending);
        const missing = { mark, events: isKept ? events(after.head) : undefined, endings };
        await this.held;
        return missing;
      },
    },
    onEnded: (sessionId) => this.ended.push(sessionId),
    onInterruption: () => this.interruptions.push('heard'),
    onFault: (error) => this.faults.push(String(error)),
  });

  get mark() {
    return { epoch: this.epoch, head: this.head, pub: this.pub };
  }

  get #ending(): string {
    return this.endings.at(-1)?.entry ?? '0-0';
  }

  /** Somebody says so much, and his publication is on its way. */
  say(count = 1) {
    const before = this.head;
    this.head += count;
    this.pub += 1;
    return { epoch: this.epoch, pub: this.pub, events: this.events(before), endings: [] };
  }

  end(sessionId: string) {
    const ending = {
      entry: `${this.endings.length + 1}-0`,
      sessionId,
      reason: 'removed',
      detail: undefined,
    } as const;
    this.endings.push(ending);
    this.pub += 1;
    return { epoch: this.epoch, pub: this.pub, events: [], endings: [ending] };
  }

  readonly events = (after: number) =>
    Array.from({ length: this.head - after }, (_, i) => entry(after + 1 + i, message('hello')));
}

class Listener implements StoreListener {
  readonly heard: (number | string)[] = [];

  deliver(batch: Parameters<StoreListener['deliver']>[0]): void {
    this.heard.push(...batch.map(({ event }) => event.id));
  }

  ended(sessionId: string): void {
    this.heard.push(`${sessionId} ended`);
  }

  replaced(log: { epoch: string }): void {
    this.heard.push(`now ${log.epoch}`);
  }
}

async function loaded() {
  const room = new Room();
  const listener = new Listener();
  await room.feed.load(listener);
  return { room, listener, feed: room.feed };
}

test('publications that follow are told as they come, and one that comes twice is told once', async () => {
  const { room, listener, feed } = await loaded();
  const [first, ending, second] = [room.say(2), room.end('s1'), room.say()];
  for (const publication of [first, first, ending, second, ending]) feed.take(publication);
  assert.deepEqual(listener.heard, [1, 2, 's1 ended', 3]);
  assert.deepEqual([room.readings, room.ended], [1, ['s1']]);
  assert.ok(feed.isAt(room.mark));
});

test('a publication that is missing is a hole, also if it had an ending alone: what was missed is read', async () => {
  const { room, listener, feed } = await loaded();
  room.end('s1');
  feed.take(room.say());
  await waitUntil(() => feed.isAt(room.mark), 'the hole is healed');
  assert.deepEqual(listener.heard, [1, 's1 ended']);
  assert.equal(room.interruptions.length, 1, 'sessions may be gone without a word');
  room.say();
  feed.take(undefined);
  await waitUntil(() => feed.isAt(room.mark), 'so is one that cannot be read');
  assert.deepEqual(listener.heard, [1, 's1 ended', 2]);
});

test('what comes while a hole is read waits, and nothing of it is told twice', async () => {
  const { room, listener, feed } = await loaded();
  let go = () => {};
  room.held = new Promise((resolve) => {
    go = resolve;
  });
  room.say();
  feed.take(room.say());
  const during = [room.say(), room.end('s1')];
  for (const publication of during) feed.take(publication);
  assert.deepEqual(listener.heard, []);
  room.held = undefined;
  go();
  await waitUntil(() => feed.isAt(room.mark), 'all is heard');
  assert.deepEqual(listener.heard, [1, 2, 3, 's1 ended']);
  assert.equal(room.readings, 2, 'once at first, and once for the hole');
});

test('[P-3] of what comes while a hole is read no more is kept than a bound; the rest is read again', async () => {
  const { room, listener, feed } = await loaded();
  let go = () => {};
  room.held = new Promise((resolve) => {
    go = resolve;
  });
  feed.heal();
  for (let count = 0; count < 1_100; count++) feed.take(room.say());
  room.held = undefined;
  go();
  await waitUntil(() => listener.heard.length === 1_024, 'what was kept is heard');
  feed.take(room.say());
  await waitUntil(() => feed.isAt(room.mark), 'all is heard');
  assert.deepEqual(
    listener.heard,
    Array.from({ length: 1_101 }, (_, i) => i + 1),
  );
});

test('what is missing is asked for again until it can be read; a bug is told, and an absence of Redis is not', async () => {
  const { room, listener, feed } = await loaded();
  room.say();
  const failures = [new Error('Connection is closed.'), unavailable('Away.'), new TypeError('a bug')];
  for (const [index, failure] of failures.entries()) {
    room.failing = failure;
    if (index === 0) feed.heal();
    else room.clock.advance(500);
    await waitUntil(() => room.clock.pending === 1, 'it is to be asked again');
  }
  assert.deepEqual(room.faults, ['TypeError: a bug']);
  room.failing = undefined;
  room.clock.advance(500);
  await waitUntil(() => feed.isAt(room.mark), 'it is read');
  assert.deepEqual(listener.heard, [1]);
});

test('a listener that is being loaded hears what came meanwhile behind its snapshot, and others hear it at once', async () => {
  const { room, listener, feed } = await loaded();
  feed.take(room.say());
  let go = () => {};
  room.held = new Promise((resolve) => {
    go = resolve;
  });
  const late = new Listener();
  const loading = feed.load(late);
  for (let count = 0; count < 2; count++) feed.take(room.say());
  assert.deepEqual([listener.heard, late.heard], [[1, 2, 3], []]);
  go();
  const { log } = await loading;
  assert.equal(log.events.length, 1);
  assert.deepEqual(late.heard, [2, 3]);
});

test('a listener whose snapshot is ahead of the feed is told of nothing that it has', async () => {
  const { room, listener, feed } = await loaded();
  const publications = [room.say(), room.say(2)];
  const late = new Listener();
  const { log } = await feed.load(late);
  assert.equal(log.events.length, 3);
  for (const publication of [...publications, room.say()]) feed.take(publication);
  assert.deepEqual([listener.heard, late.heard], [[1, 2, 3, 4], [4]]);
});

test('a room of another epoch, or that no longer keeps what is missing, is given as a whole', async () => {
  const { room, listener, feed } = await loaded();
  feed.take(room.say());
  room.say(2);
  room.baseId = 2;
  feed.heal();
  await waitUntil(() => feed.isAt(room.mark), 'it is read anew');
  Object.assign(room, { epoch: 'e2', baseId: 100, head: 100, pub: 1 });
  feed.take(room.say());
  await waitUntil(() => feed.isAt(room.mark), 'and again');
  feed.take(room.say());
  assert.deepEqual(listener.heard, [1, 'now e1', 'now e2', 102]);
});

test('[P-1] whoever waits for a mark goes on once it was heard; or after a second, and what is missing is read', async () => {
  const { room, listener, feed } = await loaded();
  const publication = room.say();
  feed.note(room.mark);
  assert.equal(feed.lag.events, 1);
  assert.deepEqual(feed.seen, room.mark, 'as far as is known, heard or not');
  let isReached = false;
  const reached = feed.reached(room.mark).then(() => {
    isReached = true;
  });
  await Promise.resolve();
  assert.equal(isReached, false);
  feed.take(publication);
  await reached;
  assert.deepEqual(feed.lag, { events: 0, ms: 0 });
  room.say();
  const late = feed.reached(room.mark);
  room.clock.advance(1_000);
  await late;
  await waitUntil(() => feed.isAt(room.mark), 'it is read');
  assert.deepEqual(listener.heard, [1, 2]);
});

test('an end is known for longer than anybody waits for an answer, and then forgotten', async () => {
  const { room, feed } = await loaded();
  feed.sweep();
  feed.take(room.end('short'));
  for (let seconds = 0; seconds < 10; seconds += 2) {
    feed.sweep();
    assert.ok(feed.hasEnded('short'), `after ${seconds} s`);
    room.clock.advance(2_000);
  }
  feed.sweep();
  assert.ok(feed.hasEnded('short'));
  room.clock.advance(10_000);
  feed.sweep();
  assert.equal(feed.hasEnded('short'), false);
});

test('of many ends at once the latest are known', async () => {
  const { room, feed } = await loaded();
  for (let number = 0; number < 10_000; number++) feed.take(room.end(`${number}`));
  assert.equal(feed.hasEnded('0'), false);
  for (let number = 10_000 - 4_096; number < 10_000; number++) assert.ok(feed.hasEnded(`${number}`));
});

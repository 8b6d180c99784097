import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ChatRoom } from '../../src/core/chat-room.ts';
import { HistoryBudget } from '../../src/core/history-budget.ts';
import type { RoomObserver } from '../../src/core/observer.ts';
import type { Store } from '../../src/core/store.ts';
import { type FanOut, FanOuts, type FanOutTarget } from '../../src/delivery/fan-out.ts';
import { Passes } from '../../src/delivery/passes.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const unbounded = Number.POSITIVE_INFINITY;
const unlimited = { SEND_LIMIT: 'off', UPDATES_LIMIT: 'off', READ_LIMIT: 'off', MAX_STREAMS_PER_IP: 'off' };

function memoryStore(events = 10_000): MemoryStore {
  const history = { events, bytes: 1 << 26, ageMs: unbounded };
  return new MemoryStore({ clock: systemClock, history, maxTotalBytes: unbounded });
}

/** A room that nobody but the test writes to, in as many batches as it likes. */
async function openRoom(
  observer: RoomObserver = {},
  events = 10_000,
  name = 'lobby',
  parts: Partial<Store> = {},
): Promise<ChatRoom> {
  const history = { events, bytes: 1 << 26, ageMs: 1_000 };
  const store = Object.assign(memoryStore(), parts);
  const budget = new HistoryBudget(unbounded);
  return ChatRoom.load({ name, store, history, budget, maxMembers: 10, observer });
}

function fanOutsOf(observer: RoomObserver = {}, maxQueuedBytes = 1 << 18, clock = new FakeClock()): FanOuts {
  return new FanOuts(maxQueuedBytes, new Passes(clock), clock, observer);
}

function deliver(room: ChatRoom, ...texts: string[]): void {
  let { headId } = room.log;
  const batch = texts.map((message) => {
    headId += 1;
    const event = { id: headId, type: 'message', timestamp: 1, name: 'Ada', message } as const;
    const json = JSON.stringify(event);
    return { event, json, bytes: Buffer.byteLength(json) };
  });
  room.deliver(batch);
}

class Target implements FanOutTarget {
  displaced(): void {}

  readonly positions: number[] = [];
  readonly failures: unknown[] = [];
  readonly #fanOut: FanOut;
  readonly #room: ChatRoom;
  onFlush = (): void => {};

  constructor(room: ChatRoom, fanOut: FanOut) {
    this.#room = room;
    this.#fanOut = fanOut;
  }

  flush(): boolean {
    this.positions.push(this.#room.log.headId);
    this.onFlush();
    return false;
  }

  fail(error: unknown): void {
    this.failures.push(error);
    this.#fanOut.delete(this);
  }
}

const pass = () => new Promise((resolve) => setImmediate(resolve));

test('a pass gathers all batches of a turn, comes after the turn, and only if there was one', async () => {
  const room = await openRoom();
  const fanOut = fanOutsOf().of(room);
  const target = new Target(room, fanOut);
  fanOut.add(target);
  deliver(room, 'one');
  deliver(room, 'two', 'three');
  assert.deepEqual(target.positions, []);
  await pass();
  assert.deepEqual(target.positions, [3]);
  await pass();
  assert.deepEqual(target.positions, [3]);
  deliver(room, 'four');
  await pass();
  assert.deepEqual(target.positions, [3, 4]);
});

test('[LOG-4] what was encoded before a redaction is not used after it, also if the room was unloaded meanwhile', async () => {
  const store = memoryStore();
  const load = () => openRoom({}, 10_000, 'lobby', { load: store.load.bind(store) });
  const room = await load();
  for (const text of ['a secret', 'x'.repeat(200), 'y'.repeat(200)]) await store.announce('lobby', text);
  const fanOuts = fanOutsOf({}, 250);
  const textAfter = (one: ChatRoom) => fanOuts.of(one).sliceAfter(0)?.frame.payload.toString() ?? '';
  assert.match(textAfter(room), /a secret/);
  const before = fanOuts.of(room).sliceAfter(0);
  await store.announce('lobby', 'more');
  assert.equal(fanOuts.of(room).sliceAfter(0), before, 'it is remembered');
  room.unload();
  await store.redact('lobby', 1);
  const again = await load();
  assert.equal(again.log.epoch, room.log.epoch);
  assert.match(textAfter(again), /"message":"","redacted":true/);
  assert.doesNotMatch(textAfter(again), /secret/);
});

test('a room is listened to while there are targets, and not longer', async () => {
  const room = await openRoom();
  const fanOuts = fanOutsOf();
  const fanOut = fanOuts.of(room);
  assert.equal(fanOuts.of(room), fanOut);
  const [first, second] = [new Target(room, fanOut), new Target(room, fanOut)];
  assert.ok(room.isIdle);
  fanOut.add(first);
  fanOut.add(second);
  fanOut.delete(first);
  fanOut.delete(first);
  assert.ok(!room.isIdle);
  fanOut.delete(second);
  assert.ok(room.isIdle);
  deliver(room, 'unheard');
  await pass();
  assert.deepEqual([...first.positions, ...second.positions], []);
});

test('[SES-12] a target that throws fails alone: the others are flushed in the same pass', async () => {
  const room = await openRoom();
  const fanOut = fanOutsOf().of(room);
  const targets = [1, 2, 3].map(() => new Target(room, fanOut));
  const [, broken] = targets;
  assert.ok(broken);
  const error = new Error('a broken stream');
  broken.onFlush = () => {
    throw error;
  };
  for (const target of targets) fanOut.add(target);
  deliver(room, 'one');
  await pass();
  deliver(room, 'two');
  await pass();
  assert.deepEqual(
    targets.map(({ positions }) => positions),
    [[1, 2], [1], [1, 2]],
  );
  assert.deepEqual(broken.failures, [error]);
});

test('[SES-12] a target that throws also when it is failed is told as a fault, and flushed no more', async () => {
  const room = await openRoom();
  const faults: string[] = [];
  const fanOut = fanOutsOf({ fault: (_error, doing) => faults.push(doing) }).of(room);
  const broken = {
    flushes: 0,
    flush(): boolean {
      this.flushes += 1;
      throw new Error('a broken stream');
    },
    fail(): void {
      throw new Error('broken through and through');
    },
    displaced(): void {},
  };
  const whole = new Target(room, fanOut);
  fanOut.add(broken);
  fanOut.add(whole);
  deliver(room, 'one');
  await pass();
  deliver(room, 'two');
  await pass();
  assert.deepEqual([broken.flushes, whole.positions], [1, [1, 2]]);
  assert.deepEqual(faults, ['failing a stream of room lobby']);
});

test('targets may come and go in the midst of a pass', async () => {
  const room = await openRoom();
  const fanOut = fanOutsOf().of(room);
  const [first, gone, late] = [1, 2, 3].map(() => new Target(room, fanOut));
  assert.ok(first && gone && late);
  fanOut.add(first);
  fanOut.add(gone);
  first.onFlush = () => {
    fanOut.delete(gone);
    fanOut.add(late);
  };
  deliver(room, 'one');
  await pass();
  assert.deepEqual(gone.positions, []);
  deliver(room, 'two');
  await pass();
  assert.equal(late.positions.at(-1), 2);
});

test('[FAN-1] who stands at the same position gets the same slice, until there is more', async () => {
  const room = await openRoom();
  const fanOut = fanOutsOf().of(room);
  deliver(room, 'one', 'two');
  const slice = fanOut.sliceAfter(0);
  assert.equal(fanOut.sliceAfter(0), slice);
  assert.notEqual(fanOut.sliceAfter(1), slice);
  deliver(room, 'three');
  assert.equal(fanOut.sliceAfter(0)?.lastId, 3);
});

test('two rooms never share a slice', async () => {
  const fanOuts = fanOutsOf();
  const [first, second] = [await openRoom(), await openRoom({}, 10, 'other')];
  deliver(first, 'of the first');
  deliver(second, 'of the second');
  assert.match(String(fanOuts.of(first).sliceAfter(0)?.frame.payload), /of the first/);
  assert.match(String(fanOuts.of(second).sliceAfter(0)?.frame.payload), /of the second/);
});

test('[FAN-3] slices are no longer than the bound, counted on the wire, or hold one event', async () => {
  const maxBytes = 4_096;
  const room = await openRoom();
  const fanOut = fanOutsOf({}, maxBytes).of(room);
  const texts = Array.from({ length: 500 }, (_, count) => (count % 3 === 0 ? '€'.repeat(count % 90) : 'x'));
  deliver(room, ...texts, 'y'.repeat(3 * maxBytes), 'last');
  const ids: number[] = [];
  let whole = '';
  for (let position = 0; position < room.log.headId; ) {
    const slice = fanOut.sliceAfter(position);
    assert.ok(slice && slice.lastId > position);
    const { payload } = slice.frame;
    assert.ok(payload.length <= maxBytes || slice.lastId === position + 1, `${payload.length} bytes`);
    whole += payload.toString();
    ids.push(slice.lastId);
    position = slice.lastId;
  }
  assert.ok(ids.length > 5 && ids.length < 60);
  const seen = [...whole.matchAll(/^id: [^-]+-(\d+)$/gm)].map(([, id]) => Number(id));
  assert.deepEqual(
    seen,
    Array.from({ length: 502 }, (_, index) => index + 1),
  );
});

test('[LOG-7] what is no longer kept is in no slice any more', async () => {
  const room = await openRoom({}, 2);
  const fanOut = fanOutsOf().of(room);
  deliver(room, 'one', 'two');
  assert.ok(fanOut.sliceAfter(0));
  deliver(room, 'three');
  assert.equal(fanOut.sliceAfter(0), undefined);
  assert.ok(fanOut.sliceAfter(1));
  room.trim(10_000);
  assert.equal(fanOut.sliceAfter(1), undefined);
});

test('[FAN-7] who is far behind catches up a slice at a time, and holds up nobody who is at the head', async () => {
  const clock = new FakeClock();
  const room = await openRoom();
  const fanOut = fanOutsOf({}, 1 << 18, clock).of(room);
  const order: string[] = [];
  const steps = new Map([
    ['far', 50],
    ['near', 1],
  ]);
  // Each slice takes half a millisecond to write.
  const targets = [...steps.keys()].map((name): FanOutTarget => {
    let slices = steps.get(name) ?? 0;
    return {
      displaced() {},
      flush() {
        if (slices === 0) return false;
        slices -= 1;
        order.push(name);
        clock.advance(0.5);
        return slices > 0;
      },
      fail: () => assert.fail(),
    };
  });
  const [far, near] = targets;
  assert.ok(far && near);
  for (const target of targets) fanOut.add(target);
  fanOut.catchUp(far);
  await pass();
  const before = order.length;
  assert.ok(before > 0 && before < 40, `${before} slices in one turn`);
  deliver(room, 'one');
  for (let turns = 0; turns < 3 && !order.includes('near'); turns++) await pass();
  assert.ok(order.includes('near'));
  assert.ok(order.lastIndexOf('far') < 40, 'it is not through yet');
  for (let turns = 0; turns < 200; turns++) {
    await pass();
    clock.advance(1);
  }
  assert.equal(order.filter((name) => name === 'far').length, 50);
});

test('[FAN-7] those who are behind catch up side by side', async () => {
  const clock = new FakeClock();
  const room = await openRoom();
  const fanOut = fanOutsOf({}, 1 << 18, clock).of(room);
  const slices = Array.from({ length: 8 }, () => 0);
  const targets = slices.map(
    (_, index): FanOutTarget => ({
      displaced() {},
      flush() {
        clock.advance(0.5);
        slices[index] = (slices[index] ?? 0) + 1;
        return (slices[index] ?? 0) < 20;
      },
      fail: () => assert.fail(),
    }),
  );
  for (const target of targets) fanOut.add(target);
  for (const target of targets) fanOut.catchUp(target);
  for (let turns = 0; turns < 16; turns++) {
    await pass();
    assert.ok(Math.max(...slices) - Math.min(...slices) <= 1, slices.join(' '));
  }
  for (let turns = 0; turns < 400; turns++) await pass();
  assert.deepEqual(
    slices,
    slices.map(() => 20),
  );
});

test('who has left is not caught up, nor is anybody in a room without targets', async () => {
  const room = await openRoom();
  const fanOut = fanOutsOf().of(room);
  const target = new Target(room, fanOut);
  fanOut.catchUp(target);
  fanOut.add(target);
  fanOut.catchUp(target);
  fanOut.delete(target);
  await pass();
  assert.deepEqual(target.positions, []);
});

/** A room with 400 targets, each of which takes a quarter of a millisecond, and what is appended to its store. */
async function busyRoom() {
  const clock = new FakeClock();
  const appended: number[] = [];
  const room = await openRoom({}, 10_000, 'lobby', {
    append: async (_room, drafts) => {
      appended.push(drafts.length);
      return drafts.map(() => ({ outcome: 'appended', id: 1, timestamp: 1 }));
    },
  });
  const fanOut = fanOutsOf({}, 1 << 18, clock).of(room);
  const targets = Array.from({ length: 400 }, () => {
    const target = new Target(room, fanOut);
    target.onFlush = () => clock.advance(0.25);
    fanOut.add(target);
    return target;
  });
  const send = () => room.send({ sessionId: 'a', message: 'hello', key: null, isRepeatOnly: false });
  const isOver = () => targets.at(-1)?.positions.length === 1;
  return { clock, room, fanOut, targets, appended, send, isOver };
}

test('[FAN-7] sends do not outrun delivery: while the oldest unwritten batch is old, they gather', async () => {
  const { clock, room, appended, send, isOver } = await busyRoom();
  deliver(room, 'one');
  clock.advance(5);
  await pass();
  // The pass is under way, and what it writes is young enough.
  deliver(room, 'two');
  await send();
  assert.deepEqual(appended, [1]);
  clock.advance(10);
  deliver(room, 'three');
  const gathered = Promise.all([send(), send(), send()]);
  for (let turns = 0; turns < 200 && !isOver(); turns++) {
    assert.deepEqual(appended, [1], 'while the pass is under way');
    await pass();
  }
  await gathered;
  assert.deepEqual(appended, [1, 3]);
  await send();
  assert.deepEqual(appended, [1, 3, 1]);
});

test('[FAN-7] nobody who speaks waits longer than a tenth of a second for those who listen', async () => {
  const { clock, room, appended, send, isOver } = await busyRoom();
  deliver(room, 'one');
  clock.advance(25);
  deliver(room, 'two');
  const gathered = send();
  clock.advance(91);
  await pass();
  assert.deepEqual(appended, []);
  clock.advance(1);
  await pass();
  await gathered;
  assert.ok(!isOver());
});

test('[FAN-7] when the last listener goes, what has gathered goes on', async () => {
  const { clock, room, fanOut, targets, appended, send } = await busyRoom();
  deliver(room, 'one');
  clock.advance(25);
  deliver(room, 'two');
  const gathered = send();
  for (const target of targets) {
    assert.deepEqual(appended, []);
    fanOut.delete(target);
  }
  await gathered;
  await send();
});

/** Ten streams on a server whose store the test writes to itself. */
async function tenStreams(t: TestContext, observer: RoomObserver = {}) {
  const store = memoryStore();
  const server = await startServer(unlimited, { store, observer });
  t.after(() => server.close());
  const sockets = new ServerSockets(server);
  const clients: ApiClient[] = [];
  const readers: SseReader[] = [];
  for (let count = 0; count < 10; count++) {
    const client = await ApiClient.join(server.url, `Reader ${count}`);
    const { cursor } = (await client.users()).body;
    clients.push(client);
    readers.push(await client.subscribe(`?after=${cursor}`));
  }
  const sender = await ApiClient.join(server.url, 'Ada');
  const { sessionId } = (await sender.getSession()).body;
  const append = (...texts: string[]) =>
    store.append(
      'lobby',
      texts.map((message) => ({
        sessionId: String(sessionId),
        message,
        key: null,
        isRepeatOnly: false,
      })),
    );
  const read = async (reader: SseReader, count: number) => {
    const texts: string[] = [];
    while (texts.length < count) {
      const event = await reader.next();
      if (!event) break;
      if (event.type === 'message') texts.push(JSON.parse(event.data).message);
    }
    return texts;
  };
  await append('ready');
  for (const reader of readers) assert.deepEqual(await read(reader, 1), ['ready']);
  return { server, sockets, clients, readers, append, read };
}

test('[FAN-1] all messages committed in a turn leave in one write per socket, of one Buffer for all', async (t) => {
  const { sockets, readers, append, read } = await tenStreams(t);
  const writes = new Map<Socket, unknown[]>();
  for (const { response } of readers) {
    const socket = sockets.of(response.socket);
    const write = socket.write.bind(socket);
    writes.set(socket, []);
    t.mock.method(socket, 'write', (bytes: Buffer) => {
      writes.get(socket)?.push(bytes);
      return write(bytes);
    });
  }
  const texts = Array.from({ length: 20 }, (_, count) => `message ${count}`);
  // Asked for one by one, in one turn.
  await Promise.all(texts.map((text) => append(text)));
  for (const reader of readers) assert.deepEqual(await read(reader, 20), texts);
  const all = [...writes.values()];
  assert.deepEqual(
    all.map((list) => list.length),
    readers.map(() => 1),
  );
  assert.equal(new Set(all.flat()).size, 1);
});

test('[SES-12] a stream whose socket throws ends its session as failed; the others get everything', async (t) => {
  const sessionsEnded: string[] = [];
  const streamsEnded: string[] = [];
  const { server, sockets, clients, readers, append, read } = await tenStreams(t, {
    sessionEnded: ({ name }, reason) => sessionsEnded.push(`${name} ${reason}`),
    streamEnded: (_room, reason) => streamsEnded.push(reason),
  });
  const [broken, ...others] = readers;
  assert.ok(broken);
  const error = new Error('a broken socket');
  t.mock.method(sockets.of(broken.response.socket), 'write', () => {
    throw error;
  });
  await append('one');
  await append('two');
  for (const reader of others) assert.deepEqual(await read(reader, 2), ['one', 'two']);
  await waitUntil(() => streamsEnded.length > 0, 'the broken stream had ended');
  assert.deepEqual(streamsEnded, ['failed']);
  assert.deepEqual(sessionsEnded, ['Reader 0 failed']);
  assert.deepEqual(server.faults, [{ error, doing: 'writing to a stream of room lobby' }]);
  const gone = await clients[0]?.getSession();
  assert.equal(gone?.status, 410);
  assert.equal(gone?.body.reason, 'failed');
  assert.deepEqual(await read(broken, 1), []);
  for (const reader of others) assert.equal((await reader.expect('leave')).type, 'leave');
});

test('[FAN-4] replay and live meet without a seam, wherever a stream begins while others send', async (t) => {
  const server = await startServer(unlimited);
  t.after(() => server.close());
  const senders = await Promise.all(
    ['Ada', 'Bob', 'Cleo', 'Dan'].map((name) => ApiClient.join(server.url, name)),
  );
  const epoch = senders[0]?.cursor.split('-')[0];
  const perSender = 150;
  const total = senders.length * (perSender + 1);
  let head = senders.length;
  const sending = senders.map(async (sender) => {
    for (let count = 0; count < perSender; count++) {
      const { body } = await sender.send(`${count}`);
      head = Math.max(head, body.id);
    }
  });
  const reading: Promise<void>[] = [];
  const follow = async (query: string, first: number | undefined) => {
    const reader = await new ApiClient(server.url).feed(query);
    let expected = first;
    while (expected === undefined || expected <= total) {
      const event = await reader.next();
      assert.ok(event, 'the stream ended');
      if (event.type === 'init') {
        assert.equal(first, undefined);
        expected = Number(event.id?.split('-')[1]) + 1;
        continue;
      }
      assert.equal(event.id, `${epoch}-${expected}`, query);
      assert.equal(JSON.parse(event.data).id, expected);
      expected = (expected ?? 0) + 1;
    }
    reader.close();
  };
  let random = 12_345;
  for (let count = 0; count < 60; count++) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const after = random % (head + 1);
    reading.push(
      count % 4 === 0 ? follow(`?last=${after}`, undefined) : follow(`?after=${epoch}-${after}`, after + 1),
    );
    await pass();
  }
  await Promise.all(sending);
  await Promise.all(reading);
});

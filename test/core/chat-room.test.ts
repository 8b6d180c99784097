import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomListener } from '../../src/core/callback-adapter.ts';
import { ChatRoom } from '../../src/core/chat-room.ts';
import { HistoryBudget } from '../../src/core/history-budget.ts';
import type { StoreListener } from '../../src/core/store.ts';
import { openDomain, told } from '../support/domain.ts';
import { emptyLog, entry, message } from '../support/events.ts';

test('[SES-2] log and roster change together, before whoever listens is called', async () => {
  const domain = openDomain();
  const room = await domain.rooms.open('lobby');
  const heard: unknown[] = [];
  const listener: RoomListener = {
    deliver: (batch) => {
      heard.push([told(batch.map((one) => one.event)), room.log.roster.names(), room.log.headId]);
    },
    fail: () => assert.fail('failed'),
  };
  room.listen(listener);
  const { session } = await domain.create('Ada');
  await session.destroy('destroyed');
  room.unlisten(listener);
  await domain.create('Bob');
  assert.deepEqual(heard, [
    [['+Ada'], ['Ada'], 1],
    [['-Ada'], [], 2],
  ]);
});

test('[LOG-4] what is said and redacted in one batch, nobody who listens is told', async () => {
  const domain = openDomain();
  const room = await domain.rooms.open('lobby');
  const heard: string[] = [];
  room.listen({
    deliver: (batch) => heard.push(...batch.map(({ json }) => json)),
    fail: () => assert.fail('failed'),
  });
  room.deliver([
    entry(1, message('a secret')),
    entry(2, message('b')),
    entry(3, { type: 'redaction', target: 1 }),
  ]);
  assert.deepEqual(
    heard,
    room.log.snapshot().events.map(({ json }) => json),
  );
  assert.doesNotMatch(heard.join(), /secret/);
});

test('[SES-12] a listener that throws is called no more, and the others get their batch', async () => {
  const domain = openDomain();
  const room = await domain.rooms.open('lobby');
  const failures: unknown[] = [];
  let calls = 0;
  const broken = new Error('broken');
  room.listen({
    deliver: () => {
      calls += 1;
      throw broken;
    },
    fail: (error) => failures.push(error),
  });
  const heard: number[] = [];
  room.listen({ deliver: (batch) => heard.push(batch.length), fail: () => assert.fail('failed') });
  await domain.create('Ada');
  await domain.create('Bob');
  assert.deepEqual(heard, [1, 1]);
  assert.equal(calls, 1);
  assert.deepEqual(failures, [broken]);
  assert.equal(domain.faults.length, 1);
});

test('[SES-12] a listener that throws also when it is failed keeps nobody from his batch or his answer', async () => {
  const domain = openDomain();
  const room = await domain.rooms.open('lobby');
  const broken = (): never => {
    throw new Error('broken');
  };
  const heard: number[] = [];
  room.listen({ deliver: broken, fail: broken });
  room.listen({ deliver: (batch) => heard.push(batch.length), fail: () => assert.fail('failed') });
  await domain.create('Ada');
  await domain.create('Bob');
  assert.deepEqual(heard, [1, 1]);
  assert.deepEqual(domain.faults, [
    'delivering to a listener of room lobby',
    'failing a listener of room lobby',
  ]);
});

test('[P-2] a batch that comes before the room goes on with what it has loaded is not lost', async () => {
  const { store } = openDomain();
  const first = [entry(1, message('one'))];
  const later = [entry(2, message('two'))];
  store.load = async (_room: string, listener: StoreListener) => {
    // The answer is on its way when the next batch is committed.
    queueMicrotask(() => listener.deliver(later));
    return { log: { ...emptyLog(), events: first }, unsubscribe: () => {} };
  };
  const room = await ChatRoom.load({
    name: 'lobby',
    store,
    history: { events: 10, bytes: 1e6, ageMs: 1e6 },
    budget: new HistoryBudget(1e6),
    maxMembers: 10,
    observer: {},
  });
  assert.deepEqual(told(room.log.snapshot().events.map((one) => one.event)), ['Ada: one', 'Ada: two']);
});

test('[LOG-5] a log that is replaced is there before whoever listens is told, and one that throws keeps nobody from it', async () => {
  const domain = openDomain();
  await domain.create('Ada');
  const room = await domain.rooms.open('lobby');
  const heard: string[] = [];
  room.listen({
    deliver: () => {},
    replaced: () => {
      throw new Error('broken');
    },
    fail: () => heard.push('failed'),
  });
  room.listen({
    deliver: (batch) => heard.push(...told(batch.map(({ event }) => event))),
    replaced: () => heard.push(`${room.log.epoch}-${room.log.headId} ${room.log.roster.names()}`),
    fail: () => assert.fail('failed'),
  });
  // One that holds no position needs not be told.
  room.listen({ deliver: () => {}, fail: () => assert.fail('failed') });
  room.replaced({ epoch: 'e2', baseId: 7, users: ['Zoe'], events: [entry(8, message('kept'))] });
  room.deliver([entry(9, message('next'))]);
  assert.deepEqual(heard, ['failed', 'e2-8 Zoe', 'Ada: next']);
  assert.equal(domain.faults.length, 1);
  const reading = room.log.since({ epoch: 'other', id: 8 }, { events: 10, bytes: 1e6 });
  assert.equal(reading.gap?.lost, null);
});

test('a log that begins anew is told to the observer, and whether it is another', async () => {
  const { store } = openDomain();
  const heard: unknown[] = [];
  const room = await ChatRoom.load({
    name: 'lobby',
    store,
    history: { events: 10, bytes: 1e6, ageMs: 1e6 },
    budget: new HistoryBudget(1e6),
    maxMembers: 10,
    observer: { logReplaced: (...replaced) => heard.push(replaced) },
  });
  assert.deepEqual(heard, [], 'what is loaded at first replaces nothing');
  for (const baseId of [7, 9]) room.replaced({ epoch: 'e2', baseId, users: [], events: [] });
  assert.deepEqual(heard, [
    ['lobby', true],
    ['lobby', false],
  ]);
});

test('[P-2] a room that is replaced before it goes on with what it has loaded begins with the new log', async () => {
  const { store } = openDomain();
  store.load = async (_room: string, listener: StoreListener) => {
    queueMicrotask(() => {
      listener.deliver([entry(2, message('lost'))]);
      listener.replaced?.({ ...emptyLog('e2'), baseId: 2, events: [entry(3, message('kept'))] });
      listener.deliver([entry(4, message('next'))]);
    });
    return { log: { ...emptyLog(), events: [entry(1, message('one'))] }, unsubscribe: () => {} };
  };
  const room = await ChatRoom.load({
    name: 'lobby',
    store,
    history: { events: 10, bytes: 1e6, ageMs: 1e6 },
    budget: new HistoryBudget(1e6),
    maxMembers: 10,
    observer: {},
  });
  assert.equal(room.log.epoch, 'e2');
  assert.deepEqual(told(room.log.snapshot().events.map(({ event }) => event)), ['Ada: kept', 'Ada: next']);
});

test('[LOG-7] a room whose bytes are over the bound of all rooms gives up its oldest events', async () => {
  const domain = openDomain({ rooms: { maxTotalBytes: 1_000 } });
  const { session } = await domain.create('Ada');
  for (let i = 0; i < 50; i++) await session.send(`message ${i}`, null);
  const { log } = session.chatRoom;
  assert.ok(log.bytes <= 1_000 && log.length > 5, `${log.bytes}`);
  assert.equal(log.headId, 51);
  assert.equal(log.roster.has('Ada'), true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryLimits, LogSnapshot } from '../../src/core/event-log.ts';
import type { EncodedEvent } from '../../src/core/events.ts';
import type { SessionRecord } from '../../src/core/store.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { claimOf, storeContract } from '../contract/store-contract.ts';
import { told } from '../support/domain.ts';
import { FakeClock } from '../support/fake-clock.ts';

storeContract('memory store', async (history) => {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock, history, maxTotalBytes: Number.POSITIVE_INFINITY });
  return {
    store,
    elapse: async (ms) => clock.advance(ms),
    stepWall: (ms) => clock.stepWall(ms),
    dispose: () => store.close(),
  };
});

const history: HistoryLimits = { events: 1000, bytes: 1 << 20, ageMs: 3_600_000 };

function openStore(maxTotalBytes = Number.POSITIVE_INFINITY) {
  const clock = new FakeClock();
  return { clock, store: new MemoryStore({ clock, history, maxTotalBytes }) };
}

async function open(store: MemoryStore, name: string, room = 'lobby'): Promise<SessionRecord> {
  const answer = await store.openSession(claimOf(name, { room }), true, 100);
  assert.ok(answer.outcome === 'opened');
  return answer.record;
}

/** A room's log, without staying subscribed. */
async function read(store: MemoryStore, room = 'lobby'): Promise<LogSnapshot> {
  const { log, unsubscribe } = await store.load(room, { deliver: () => {}, ended: () => {} });
  unsubscribe();
  return log;
}

test('what is asked for in one turn is one commit, and what is asked for meanwhile is the next', async () => {
  const { store } = openStore();
  const { sessionId } = await open(store, 'Ada');
  const batches: string[][] = [];
  let next: Promise<unknown> | undefined;
  const say = (message: string) =>
    store.append('lobby', [{ sessionId, message, key: null, isRepeatOnly: false }]);
  await store.load('lobby', {
    deliver: (batch: readonly EncodedEvent[]) => {
      batches.push(told(batch.map((entry) => entry.event)));
      next ??= say('three');
    },
    ended: () => {},
  });
  await Promise.all([say('one'), say('two')]);
  assert.deepEqual(batches, [['Ada: one', 'Ada: two']]);
  await next;
  assert.deepEqual(batches[1], ['Ada: three']);
});

test('answers come in the order of the calls, over all rooms', async () => {
  const { store } = openStore();
  const order: number[] = [];
  await Promise.all(['a', 'b', 'a', 'c'].map((room, i) => read(store, room).then(() => order.push(i))));
  assert.deepEqual(order, [0, 1, 2, 3]);
});

test('[LOG-7] over the bytes of all rooms the largest log gives up its oldest events', async () => {
  const maxTotalBytes = 20_000;
  const { store } = openStore(maxTotalBytes);
  const small = await open(store, 'Ada', 'small');
  const large = await open(store, 'Ada', 'large');
  for (let i = 0; i < 200; i++) {
    for (const { room, sessionId } of i < 5 ? [small, large] : [large]) {
      await store.append(room, [{ sessionId, message: 'x'.repeat(100), key: null, isRepeatOnly: false }]);
    }
  }
  const logs = [await read(store, 'small'), await read(store, 'large')];
  const bytes = logs.map((log) => log.events.reduce((sum, entry) => sum + entry.bytes, 0));
  const total = bytes.reduce((sum, one) => sum + one, 0);
  assert.ok(total <= maxTotalBytes && total > maxTotalBytes * 0.8, `${total}`);
  assert.equal(logs[0]?.baseId, 0, 'the small one keeps everything');
  assert.deepEqual(logs[1]?.users, ['Ada']);
});

test('a room with nothing in it is forgotten by a trim, and comes back with a new epoch [LOG-2]', async () => {
  const { store, clock } = openStore();
  const session = await open(store, 'Ada');
  const { epoch } = await read(store);
  clock.advance(history.ageMs + 1);
  store.trim();
  assert.equal((await read(store)).epoch, epoch, 'a member keeps it');
  await store.closeSession(session, 'destroyed');
  store.trim();
  assert.equal((await read(store)).epoch, epoch, 'events keep it');
  clock.advance(history.ageMs + 1);
  const { unsubscribe } = await store.load('lobby', { deliver: () => {}, ended: () => {} });
  store.trim();
  assert.equal((await read(store)).epoch, epoch, 'a listener keeps it');
  unsubscribe();
  store.trim();
  assert.notEqual((await read(store)).epoch, epoch);
});

test('[P-3] of more than 10,000 rooms those without anybody are forgotten, the longest unloaded ones first', async () => {
  const { store } = openStore();
  const epochs = new Map<string, string>();
  const rooms = Array.from({ length: 10_002 }, (_, i) => `r${i}`);
  const visit = async (room: string) => {
    const session = await open(store, 'Ada', room);
    const { epoch } = await read(store, room);
    epochs.set(room, epoch);
    if (room !== 'r1') await store.closeSession(session, 'destroyed');
  };
  await Promise.all(rooms.map(visit));
  await read(store, 'r0');
  store.trim();
  const isSame = async (room: string) => (await read(store, room)).epoch === epochs.get(room);
  assert.equal(await isSame('r0'), true, 'it was loaded again');
  assert.equal(await isSame('r1'), true, 'somebody is there');
  assert.equal(await isSame('r2'), false);
  assert.equal(await isSame('r3'), false);
  assert.equal(await isSame('r4'), true);
});

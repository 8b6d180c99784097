/** What a Redis store does that is interrupted in the midst of something. */

import assert from 'node:assert/strict';
import { test as nodeTest, type TestContext } from 'node:test';
import type { RedisStore } from '../../src/stores/redis-store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { refused } from '../support/domain.ts';
import { has } from '../support/needs.ts';
import { RedisLine } from '../support/redis-line.ts';
import { RedisServer } from '../support/redis-server.ts';
import { openRedisStore } from '../support/redis-store.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A test that needs a redis-server. */
function test(name: string, run: (t: TestContext, redis: RedisServer) => Promise<void>): void {
  nodeTest(name, async (t) => {
    if (!has(t, 'redis-server')) return;
    const redis = await RedisServer.start();
    t.after(() => redis.dispose());
    await run(t, redis);
  });
}

function instance(t: TestContext, port: number): Promise<RedisStore> {
  return openRedisStore(t, port, 'parlor');
}

const deaf = { deliver: () => {}, ended: () => {} };

test('whatever is under way when Redis hangs is refused as unavailable', async (t, redis) => {
  const store = await instance(t, redis.port);
  const ada = await store.openSession(claimOf('Ada'), true, 100);
  assert.ok(ada.outcome === 'opened');
  redis.signal('SIGSTOP');
  const unanswered = [
    store.load('lobby', deaf),
    store.announce('elsewhere', 'hello'),
    store.expired([], 1),
    store.findSession('lobby', ada.record.tokenHash),
    store.removeRestriction('x'),
  ];
  const results = await Promise.allSettled(unanswered);
  redis.signal('SIGCONT');
  for (const [index, result] of results.entries()) {
    assert.ok(
      result.status === 'rejected' && refused('unavailable')(result.reason),
      `${index}: ${result.status}`,
    );
  }
});

test('a session that ends while its room is being opened leaves the room no deaf one', async (t, redis) => {
  const other = await instance(t, redis.port);
  const [ada, bob] = [
    await other.openSession(claimOf('Ada'), true, 100),
    await other.openSession(claimOf('Bob'), true, 100),
  ];
  assert.ok(ada.outcome === 'opened' && bob.outcome === 'opened');
  const line = await RedisLine.open(t, redis.port);
  const store = await instance(t, line.port);
  assert.ok(await store.findSession('lobby', ada.record.tokenHash));
  line.holdChannels();
  const heard: string[] = [];
  const loading = store.load('lobby', {
    deliver: (batch) => heard.push(...batch.map(({ event }) => event.type)),
    ended: () => {},
  });
  await store.closeSession(ada.record, 'destroyed');
  line.release();
  await loading;
  await other.closeSession(bob.record, 'destroyed');
  await waitUntil(() => heard.includes('leave'), 'what happens is heard');
});

test('[P-1] what was asked of many rooms at once is done once in each, though half of the answers are lost', async (t, redis) => {
  const line = await RedisLine.open(t, redis.port);
  const store = await instance(t, line.port);
  const rooms = Array.from({ length: 40 }, (_, index) => `room-${index}`);
  const announced = () => Promise.all(rooms.map((room) => store.announce(room, 'hello')));
  await Promise.all(rooms.map((room) => store.load(room, deaf)));
  await announced();
  line.breakNextAnswer();
  const places = await announced();
  assert.deepEqual(new Set(places.map(({ id }) => id)), new Set([2]));
  for (const room of rooms) assert.equal(await redis.command('XLEN', `parlor:{${room}}:log`), 2);
});

test('[P-1] a store that is closed amid a round trip waits for its answer, and keeps nothing else from running', async (t, redis) => {
  const line = await RedisLine.open(t, redis.port);
  const store = await instance(t, line.port);
  const ada = await store.openSession(claimOf('Ada'), true, 100);
  assert.ok(ada.outcome === 'opened');
  line.hold();
  const { roundTrips } = store.figures();
  const found = store.findSession('lobby', ada.record.tokenHash);
  await waitUntil(() => store.figures().roundTrips > roundTrips, 'it is asked');
  const closing = store.close();
  setImmediate(() => line.release());
  await closing;
  assert.equal((await found)?.sessionId, ada.record.sessionId);
});

test('what has no answer long after the store was to close is refused', async (t, redis) => {
  const line = await RedisLine.open(t, redis.port);
  const store = await instance(t, line.port);
  line.hold();
  const { roundTrips } = store.figures();
  const underWay = store.findSession('lobby', 'x');
  await waitUntil(() => store.figures().roundTrips > roundTrips, 'it is asked');
  const waiting = store.findSession('lobby', 'y');
  const [closed, ...answers] = await Promise.allSettled([store.close(), underWay, waiting]);
  assert.equal(closed.status, 'fulfilled');
  for (const answer of answers) {
    assert.ok(answer.status === 'rejected' && refused('unavailable')(answer.reason), answer.status);
  }
});

/** What becomes of a Redis store whose keys and channels others have written to, or Redis has lost while nobody's connection broke. */

import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import type { ChatRoomEvent } from '../../src/core/events.ts';
import type { Restriction } from '../../src/core/restriction.ts';
import type { SessionRecord } from '../../src/core/store.ts';
import type { RedisStore } from '../../src/stores/redis-store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { told } from '../support/domain.ts';
import { isInPath } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import { openRedisStore, redisTest as test } from '../support/redis-store.ts';
import { waitUntil } from '../support/wait-until.ts';

const room = 'lobby';
let redis: RedisServer;

const isThere = isInPath('redis-server');

before(async () => {
  if (isThere) redis = await RedisServer.start();
});
after(() => redis?.dispose());

function instance(t: TestContext, prefix: string): Promise<RedisStore> {
  return openRedisStore(t, redis.port, prefix);
}

interface Heard {
  readonly events: ChatRoomEvent[];
  readonly epochs: string[];
}

/** What a listener has in the end: a room that is replaced begins anew. */
async function listen(store: RedisStore): Promise<Heard> {
  const heard: Heard = { events: [], epochs: [] };
  const take = (log: { epoch: string; events: readonly { event: ChatRoomEvent }[] }): void => {
    heard.epochs.push(log.epoch);
    heard.events.splice(0, heard.events.length, ...log.events.map(({ event }) => event));
  };
  const { log } = await store.load(room, {
    deliver: (batch) => heard.events.push(...batch.map(({ event }) => event)),
    ended: () => {},
    replaced: take,
  });
  take(log);
  return heard;
}

async function joined(store: RedisStore, name: string): Promise<SessionRecord> {
  const answer = await store.openSession(claimOf(name), true, 100);
  assert.ok(answer.outcome === 'opened', answer.outcome);
  return answer.record;
}

async function say(store: RedisStore, { sessionId }: SessionRecord, message: string): Promise<number> {
  const [answer] = await store.append(room, [{ sessionId, message, key: null, isRepeatOnly: false }]);
  assert.ok(answer?.outcome === 'appended', answer?.outcome);
  return answer.id;
}

const nonsense = [
  ['head', 'inf'],
  ['head', 'nan'],
  ['head', '1e300'],
  ['head', 'much'],
  ['head', '1.5'],
  ['pub', 'inf'],
  ['pub', '-1'],
  ['base', '999999'],
  ['base', ''],
  ['bytes', 'x'],
  ['time', 'inf'],
  ['epoch', ''],
  ['epoch', 'a b\n'],
] as const;

test('[LOG-2] nonsense where a room counts is lost data: a new epoch, behind all that was seen', async (t) => {
  await Promise.all(
    nonsense.map(async ([field, value], index) => {
      const prefix = `nonsense-${index}`;
      const [store, other] = [await instance(t, prefix), await instance(t, prefix)];
      const [heard, elsewhere] = [await listen(store), await listen(other)];
      const ada = await joined(store, 'Ada');
      await say(store, ada, 'before');
      await redis.command('HSET', `${prefix}:{lobby}:meta`, field, value);
      assert.ok((await say(store, ada, 'after')) > 2, `${field} ${value}`);
      const last = () => told(elsewhere.events).at(-1);
      await waitUntil(() => last() === 'Ada: after', `${field} ${value}: the other instance hears it`);
      assert.equal(told(heard.events).at(-1), 'Ada: after');
      assert.match(heard.epochs.at(-1) ?? '', /^[0-9a-f]+$/);
      assert.equal(heard.epochs.length, 2, 'all are told of the gap');
    }),
  );
});

test('[LOG-1] a room in whose log others wrote goes on in a new epoch', async (t) => {
  const spoil = [
    ['XADD', '*', 'foreign', 'entry'],
    ['XADD', '3-0', 'type', 'message', 'time', '1', 'size', '9', 'name', 'Eve', 'message', 'forged'],
    ['SET', 'no stream'],
  ] as const;
  for (const [index, [command = '', ...words]] of spoil.entries()) {
    const prefix = `written-${index}`;
    const store = await instance(t, prefix);
    const heard = await listen(store);
    const ada = await joined(store, 'Ada');
    await say(store, ada, 'before');
    await redis.command(command, `${prefix}:{lobby}:log`, ...words);
    assert.equal(await say(store, ada, 'after'), 3);
    assert.equal(await say(store, ada, 'and on'), 4);
    assert.deepEqual(told(heard.events), ['Ada: after', 'Ada: and on']);
    assert.equal(heard.epochs.length, 2, 'it is told as a gap');
    const late = await listen(await instance(t, prefix));
    assert.deepEqual(told(late.events), ['Ada: after', 'Ada: and on']);
  }
});

test('an entry that others put between two events is read by nobody', async (t) => {
  const store = await instance(t, 'between');
  const ada = await joined(store, 'Ada');
  await say(store, ada, 'one');
  const forged = ['type', 'message', 'time', '1', 'name', 'Eve', 'message', 'forged'];
  await redis.command('XADD', 'between:{lobby}:log', '2-1', ...forged);
  await say(store, ada, 'two');
  const heard = await listen(await instance(t, 'between'));
  assert.deepEqual(told(heard.events), ['+Ada', 'Ada: one', 'Ada: two']);
});

test('a publication of somebody else that was due next hides none of ours', async (t) => {
  const store = await instance(t, 'published');
  const heard = await listen(store);
  const ada = await joined(store, 'Ada');
  await say(store, ada, 'one');
  const fields = (await redis.command('HMGET', 'published:{lobby}:meta', 'epoch', 'pub')) as string[];
  const [epoch, pub] = [fields[0], `${Number(fields[1]) + 1}`];
  const forged = JSON.stringify({ epoch, pub, events: [], endings: [] });
  assert.equal(await redis.command('PUBLISH', 'published:{lobby}:channel', forged), 1);
  await say(store, ada, 'two');
  assert.deepEqual(told(heard.events), ['+Ada', 'Ada: one', 'Ada: two']);
  assert.equal(heard.epochs.length, 1);
});

test('what is restricted after Redis has lost all restrictions is told to all instances', async (t) => {
  const stores = [await instance(t, 'restricted'), await instance(t, 'restricted')];
  const [store] = stores as [RedisStore, RedisStore];
  const known = await Promise.all(
    stores.map(async (one) => {
      const values = new Map<string, string>();
      const put = ({ id, value }: Restriction) => values.set(id, value ?? '');
      await one.watchRestrictions({
        all: (restrictions) => {
          values.clear();
          for (const restriction of restrictions) put(restriction);
        },
        put,
        removed: (id) => values.delete(id),
      });
      return values;
    }),
  );
  const ban = (value: string) =>
    store.putRestriction({ id: value, kind: 'name', value, room: null, reason: '' }, null);
  const all = () => known.map((values) => [...values.values()].join());
  for (const name of ['ann', 'bob', 'cleo']) await ban(name);
  await waitUntil(() => all().every((names) => names === 'ann,bob,cleo'), 'all know them');
  for (const key of ['book', 'ends', 'meta']) await redis.command('DEL', `restricted:{:restrictions}:${key}`);
  await ban('dan');
  assert.equal(all()[0], 'dan', 'who has restricted sees it take effect at once');
  await waitUntil(() => all().every((names) => names === 'dan'), 'and so do the others');
  await redis.command('DEL', 'restricted:{:restrictions}:book', 'restricted:{:restrictions}:meta');
  for (const one of stores) one.trim();
  await waitUntil(() => all().every((names) => names === ''), 'a loss is noticed without a change too');
});

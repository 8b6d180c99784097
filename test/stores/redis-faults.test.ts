/** What the store of many instances does when Redis, the connection or its data fail. */

import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import type { LogSnapshot } from '../../src/core/event-log.ts';
import { type ChatRoomEvent, type EncodedEvent, encodeEvent } from '../../src/core/events.ts';
import type { SessionRecord, Store } from '../../src/core/store.ts';
import type { RedisStore, RedisStoreOptions } from '../../src/stores/redis-store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { refused, told, user } from '../support/domain.ts';
import { isInPath } from '../support/needs.ts';
import { RedisLine } from '../support/redis-line.ts';
import { RedisServer } from '../support/redis-server.ts';
import { redisStore, redisTest as test } from '../support/redis-store.ts';
import { waitUntil } from '../support/wait-until.ts';

const room = 'lobby';
let server: RedisServer;

const isThere = isInPath('redis-server');

before(async () => {
  if (isThere) server = await RedisServer.start();
});
after(() => server?.dispose());

// What a test has opened is closed however it ends: a store that is left open keeps the file from ending.
const stores: RedisStore[] = [];
const servers: RedisServer[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(servers.splice(0).map((one) => one.dispose()));
});

/** A redis-server of the test's own. */
async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const redis = await RedisServer.start(settings);
  servers.push(redis);
  return redis;
}

/** An instance; those of one prefix are one system. */
async function instance(
  prefix: string,
  redis = server,
  more: Partial<RedisStoreOptions> = {},
): Promise<RedisStore> {
  const store = redisStore(redis.port, prefix, more);
  stores.push(store);
  await store.opened();
  return store;
}

class Watch {
  readonly events: ChatRoomEvent[] = [];
  readonly endings: string[] = [];
  readonly replacements: LogSnapshot[] = [];
  epoch = '';

  static async on(store: Store, name = room): Promise<Watch> {
    const watch = new Watch();
    const early: EncodedEvent[] = [];
    const { log } = await store.load(name, {
      deliver: (batch) => (watch.epoch === '' ? early.push(...batch) : watch.#take(batch)),
      ended: (sessionId, reason) => watch.endings.push(`${sessionId} ${reason}`),
      replaced: (replacement) => {
        watch.replacements.push(replacement);
        watch.epoch = replacement.epoch;
      },
    });
    watch.epoch = log.epoch;
    watch.#take(log.events);
    watch.#take(early);
    return watch;
  }

  #take(batch: readonly EncodedEvent[]): void {
    for (const { event } of batch) this.events.push(event);
  }
}

async function opened(store: Store, name: string, more = {}): Promise<SessionRecord> {
  const answer = await store.openSession(claimOf(name, more), true, 100);
  assert.ok(answer.outcome === 'opened', answer.outcome);
  return answer.record;
}

/** Longer than Redis may take for an answer. */
function keepFromRunning(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Since 1970. */
function microseconds(): number {
  return Date.now() * 1000;
}

function say(store: Store, sessionId: string, message: string, key: string | null = null) {
  return store.append(room, [{ sessionId, message, key, isRepeatOnly: false }]);
}

test('what Redis counts of a room are the bytes of its events as everybody reads them', async () => {
  const store = await instance('bytes');
  const watch = await Watch.on(store);
  const ada = await opened(store, 'Ada "Zoë" 李');
  await say(store, ada.sessionId, 'a/b "\\ \u0007 \u2028 👩‍👧', 'key-1');
  await say(store, ada.sessionId, 'x'.repeat(1000));
  await opened(store, 'Bob', { user: user('u1') });
  await opened(store, 'Cleo', { user: user('u1') });
  await store.announce(room, 'Zoë says "hello"');
  await store.closeSession(ada, 'destroyed');
  assert.equal(watch.events.length, 8);
  const kept = async () => {
    const { log, unsubscribe } = await store.load(room, { deliver: () => {}, ended: () => {} });
    unsubscribe();
    return log.events;
  };
  const bytesOf = (events: readonly EncodedEvent[]) => events.reduce((sum, one) => sum + one.bytes, 0);
  const counted = async () => Number(await server.command('HGET', 'bytes:{lobby}:meta', 'bytes'));
  assert.equal(await counted(), bytesOf(watch.events.map(encodeEvent)));
  for (const target of [2, 3, 7]) assert.equal((await store.redact(room, target)).outcome, 'redacted');
  assert.equal(await counted(), bytesOf(await kept()));
});

test('whatever an instance commits, all hear, in one order; and endings too', async () => {
  const stores = await Promise.all([1, 2, 3].map(() => instance('three')));
  const [a, b, c] = stores as [RedisStore, RedisStore, RedisStore];
  const watches = await Promise.all(stores.map((store) => Watch.on(store)));
  const ada = await opened(a, 'Ada', { user: user('u1') });
  const bob = await opened(b, 'Bob');
  await Promise.all(
    Array.from({ length: 60 }, (_, i) => {
      const store = stores[i % 3] ?? a;
      return say(store, i % 2 === 0 ? ada.sessionId : bob.sessionId, `${i}`);
    }),
  );
  const second = await opened(c, 'Ada', { user: user('u1') });
  await b.closeSession(bob, 'removed', 'Enough.');
  await waitUntil(() => watches.every((watch) => watch.endings.length === 2), 'all have heard both endings');
  for (const watch of watches) {
    assert.deepEqual(watch.events, watches[0]?.events);
    assert.deepEqual(
      watch.events.map(({ id }) => id),
      Array.from({ length: 63 }, (_, i) => i + 1),
    );
    assert.deepEqual(watch.endings, [`${ada.sessionId} taken-over`, `${bob.sessionId} removed`]);
  }
  assert.equal(second.isJoined, true);
  assert.deepEqual(await c.endingOf(room, ada.tokenHash), { reason: 'taken-over' });
  assert.deepEqual(await a.endingOf(room, bob.tokenHash), { reason: 'removed', detail: 'Enough.' });
  assert.equal(await a.endingOf(room, second.tokenHash), null);
  assert.equal(await a.endingOf(room, 'unknown'), null);
});

test('connections that break again and again lose no message and double none', async () => {
  const redis = await startRedis();
  const [a, b] = [await instance('kill', redis), await instance('kill', redis)];
  const watch = await Watch.on(b);
  const ada = await opened(a, 'Ada');
  const acknowledged: string[] = [];
  let isOver = false;
  const killing = (async () => {
    while (!isOver) {
      await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  const lost: string[] = [];
  for (let i = 0; i < 200; i++) {
    try {
      const [answer] = await say(a, ada.sessionId, `${i}`);
      assert.equal(answer?.outcome, 'appended');
      acknowledged.push(`${i}`);
    } catch (error) {
      assert.ok(refused('unavailable')(error as Error));
      lost.push(`${i}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  isOver = true;
  await killing;
  const heard = () => watch.events.flatMap((event) => (event.type === 'message' ? [event.message] : []));
  await waitUntil(() => heard().includes(acknowledged.at(-1) ?? ''), 'the last one was heard');
  const all = heard();
  assert.deepEqual(
    all.filter((text) => !lost.includes(text)),
    acknowledged,
  );
  assert.equal(new Set(all).size, all.length, 'none is there twice');
  assert.deepEqual(
    watch.events.map(({ id }) => id),
    watch.events.map((_, index) => index + 1),
  );
  assert.deepEqual(watch.replacements, []);
});

test('[P-1] what was asked as a connection broke for a moment is not refused, and done once', async (t) => {
  const line = await RedisLine.open(t, server.port);
  const address = { connection: { host: '127.0.0.1', port: line.port }, prefix: 'moment' };
  const store = await instance('moment', server, { address });
  const watch = await Watch.on(store);
  const ada = await opened(store, 'Ada');
  for (let count = 0; count < 3; count++) {
    line.hold();
    const head = count + 1;
    const saying = say(store, ada.sessionId, `${count}`);
    const inRedis = async () => Number(await server.command('HGET', 'moment:{lobby}:meta', 'head'));
    await waitUntil(async () => (await inRedis()) > head, 'Redis has done it');
    // What was to answer goes with the connection.
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    line.drop();
    assert.equal((await saying)[0]?.outcome, 'appended');
    await waitUntil(() => store.status === 'ready', 'it is back');
  }
  assert.deepEqual(told(watch.events), ['+Ada', 'Ada: 0', 'Ada: 1', 'Ada: 2']);
});

test('a room that Redis has lost goes on in a new epoch, behind all that was seen, and its sessions have expired', async () => {
  const redis = await startRedis();
  const [a, b] = [await instance('flush', redis), await instance('flush', redis)];
  const watches = [await Watch.on(a), await Watch.on(b)];
  const firstId = microseconds();
  const epoch = watches[0]?.epoch;
  const ada = await opened(a, 'Ada');
  await say(a, ada.sessionId, 'hello');
  await waitUntil(() => watches.every((watch) => watch.events.length === 2), 'both have heard');
  await redis.command('FLUSHALL');
  await waitUntil(() => watches.every((watch) => watch.replacements.length > 0), 'both have noticed');
  await waitUntil(() => watches[0]?.endings.length === 1, 'the session has ended');
  assert.deepEqual(watches[0]?.endings, [`${ada.sessionId} expired`]);
  const [log] = watches[0]?.replacements ?? [];
  assert.notEqual(log?.epoch, epoch);
  const baseId = log?.baseId ?? 0;
  assert.ok(baseId > firstId);
  assert.deepEqual({ ...log, epoch: '' }, { epoch: '', baseId, startId: baseId, users: [], events: [] });
  assert.equal(watches[1]?.epoch, watches[0]?.epoch);
  const [answer] = await say(b, ada.sessionId, 'late');
  assert.deepEqual(answer, { outcome: 'session-gone' });
  await opened(b, 'Ada');
  await waitUntil(() => watches.every((watch) => watch.events.at(-1)?.id === baseId + 1), 'both hear on');
});

test('a Redis that went back in time gives no id twice', async () => {
  const redis = await startRedis();
  const store = await instance('older', redis);
  const watch = await Watch.on(store);
  const ada = await opened(store, 'Ada');
  await say(store, ada.sessionId, 'kept');
  await redis.command('SAVE');
  await say(store, ada.sessionId, 'lost');
  await redis.kill();
  await redis.run();
  await waitUntil(() => watch.replacements.length > 0, 'the loss is noticed');
  const [log] = watch.replacements;
  const baseId = log?.baseId ?? 0;
  assert.ok(baseId > 3);
  assert.deepEqual({ ...log, epoch: '' }, { epoch: '', baseId, startId: baseId, users: ['Ada'], events: [] });
  // Her session was saved, and lives.
  const [answer] = await say(store, ada.sessionId, 'again');
  assert.ok(answer?.outcome === 'appended');
  assert.equal(answer.id, baseId + 1);
  assert.deepEqual(watch.endings, []);
});

test('[LOG-2] after a loss no id is given twice, whoever comes first: who is behind, or who never was in the room', async (t) => {
  const redis = await startRedis();
  const line = await RedisLine.open(t, redis.port);
  const ahead = await instance('behind', redis);
  const address = { connection: { host: '127.0.0.1', port: line.port }, prefix: 'behind' };
  const behind = await instance('behind', redis, { address });
  const stranger = await instance('behind', redis);
  const watch = await Watch.on(ahead);
  const late = await Watch.on(behind);
  const ada = await opened(ahead, 'Ada');
  await waitUntil(() => late.events.length === 1, 'both have heard her join');
  line.cut();
  for (const text of ['1', '2', '3']) await say(ahead, ada.sessionId, text);
  const seen = watch.events.at(-1)?.id ?? 0;
  assert.equal(seen, 4);
  await redis.command('FLUSHALL');
  line.mend();
  await waitUntil(() => behind.status === 'ready', 'who is behind is back');
  const bob = await opened(behind, 'Bob');
  assert.ok(bob.start.id > seen);
  await redis.command('FLUSHALL');
  const cleo = await opened(stranger, 'Cleo');
  assert.ok(cleo.start.id > bob.start.id, 'the room is new to this one, and not to others');
  const watches = [watch, late];
  await waitUntil(() => watches.every(({ epoch }) => epoch === cleo.start.epoch), 'all know of it');
  const { id: last } = await ahead.announce(room, 'Hello again.');
  await waitUntil(() => watches.every(({ events }) => events.at(-1)?.id === last), 'all hear on');
  for (const { events } of watches) {
    const ids = events.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
  }
});

test('[LOG-2] a room that began anew, knowing less than an instance has seen, begins once more behind that', async () => {
  const redis = await startRedis();
  const store = await instance('anew', redis);
  const watch = await Watch.on(store);
  const ada = await opened(store, 'Ada');
  await say(store, ada.sessionId, 'hello');
  // As by an instance that was started after a loss.
  await redis.command('HSET', 'anew:{lobby}:meta', 'epoch', 'other', 'head', '1', 'base', '1');
  await waitUntil(() => watch.replacements.length === 1, 'it is noticed');
  assert.ok((watch.replacements[0]?.baseId ?? 0) > 2);
  assert.notEqual(watch.epoch, 'other');
});

test('while Redis is away everything is refused at once; when it is back, all goes on', async () => {
  const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  const store = await instance('away', redis);
  const statuses: string[] = [];
  store.onStatus((status) => statuses.push(status));
  const watch = await Watch.on(store);
  const ada = await opened(store, 'Ada');
  await redis.kill();
  await waitUntil(() => store.status === 'away', 'it is away');
  const begun = performance.now();
  await assert.rejects(say(store, ada.sessionId, 'lost'), refused('unavailable'));
  assert.ok(performance.now() - begun < 1_000, 'nobody waits for it');
  await redis.run();
  await waitUntil(() => store.status === 'ready', 'it is back');
  await say(store, ada.sessionId, 'hello');
  assert.deepEqual(told(watch.events), ['+Ada', 'Ada: hello']);
  assert.deepEqual(statuses, ['away', 'ready']);
});

test('a Redis that hangs is away; what it does later of that is no second event', async () => {
  const redis = await startRedis();
  const [store, other] = [await instance('hang', redis), await instance('hang', redis)];
  const watch = await Watch.on(other);
  const ada = await opened(store, 'Ada');
  redis.signal('SIGSTOP');
  await assert.rejects(say(store, ada.sessionId, 'hello', 'k'), refused('unavailable'));
  redis.signal('SIGCONT');
  await waitUntil(() => store.status === 'ready' && other.status === 'ready', 'it is back');
  const [answer] = await say(store, ada.sessionId, 'hello', 'k');
  assert.ok(answer?.outcome === 'appended' || answer?.outcome === 'repeated');
  await waitUntil(() => watch.events.length >= 2, 'it was heard');
  assert.deepEqual(told(watch.events), ['+Ada', 'Ada: hello']);
});

test('an instance that was kept from running does not take its own delay for one of Redis', async () => {
  const store = await instance('busy');
  const ada = await opened(store, 'Ada');
  const statuses: string[] = [];
  store.onStatus((status) => statuses.push(status));
  for (let stop = 0; stop < 2; stop++) {
    const said = say(store, ada.sessionId, 'hello');
    // It was asked in this turn; the answer comes while nobody looks.
    await new Promise((resolve) => setImmediate(resolve));
    keepFromRunning(2_300);
    const [answer] = await said;
    assert.equal(answer?.outcome, 'appended');
  }
  assert.deepEqual(statuses, []);
  assert.equal(store.figures().reconnects, 0);
});

test('what others wrote where the log is harms nobody, and is told as a gap', async () => {
  const store = await instance('foreign');
  const watch = await Watch.on(store);
  const ada = await opened(store, 'Ada');
  for (const text of ['', '{}', 'null', '[]', '{"epoch":"x","pub":"1"}', '{"epoch":1}', '\u0000']) {
    await server.command('PUBLISH', 'foreign:{lobby}:channel', text);
  }
  await say(store, ada.sessionId, 'one');
  await say(store, ada.sessionId, 'two');
  await server.command('XDEL', 'foreign:{lobby}:log', '2-0');
  const reader = await instance('foreign');
  const late = await Watch.on(reader);
  assert.deepEqual(told(watch.events), ['+Ada', 'Ada: one', 'Ada: two']);
  assert.deepEqual(told(late.events), ['Ada: two'], 'before the hole nothing counts as kept');
  assert.equal(late.replacements.length, 0);
});

test('a Redis that has forgotten its scripts refuses once, and is told them again', async () => {
  const store = await instance('scripts');
  const ada = await opened(store, 'Ada');
  await server.command('SCRIPT', 'FLUSH');
  await assert.rejects(say(store, ada.sessionId, 'hello'), refused('unavailable'));
  const [answer] = await say(store, ada.sessionId, 'hello again');
  assert.equal(answer?.outcome, 'appended');
  assert.equal(store.status, 'ready');
});

test('a Redis that is not there yet is waited for; one that refuses ends the start in one line', async () => {
  const redis = await startRedis();
  await redis.kill();
  const store = await instance('later', redis);
  assert.equal(store.status, 'away');
  await assert.rejects(opened(store, 'Ada'), refused('unavailable'));
  await redis.run();
  await waitUntil(() => store.status === 'ready', 'it has come');
  await opened(store, 'Ada');
  const guarded = await startRedis(['--requirepass', 'right']);
  const bad = { host: '127.0.0.1', port: guarded.port, password: 'wrong' };
  await assert.rejects(
    instance('refused', guarded, { address: { connection: bad, prefix: 'p' } }),
    /^StoreRefusal: Redis refuses: WRONGPASS/,
  );
});

test('[SES-7] an idle session is taken by one instance; one that others serve, after a grace', async () => {
  const [a, b] = [
    await instance('idle', server, { graceMs: 60_000 }),
    await instance('idle', server, { graceMs: 60_000 }),
  ];
  const ada = await opened(a, 'Ada');
  const bob = await opened(a, 'Bob');
  await b.findSession(room, bob.tokenHash);
  await new Promise((resolve) => setTimeout(resolve, 60));
  const given = await Promise.all([a.expired([ada, bob], 50), b.expired([ada, bob], 50)]);
  assert.deepEqual(
    given.flat().map(({ sessionId }) => sessionId),
    [ada.sessionId],
  );
});

test('what a dead instance has left in a room is swept by another, and an empty room is forgotten', async () => {
  const history = { events: 10, bytes: 1 << 20, ageMs: 50 };
  const dead = await instance('left', server, { history });
  await opened(dead, 'Ada');
  await dead.close();
  const store = await instance('left', server, { history });
  const swept: string[] = [];
  await waitUntil(async () => {
    for (const ref of await store.expired([], 40)) {
      swept.push(ref.sessionId);
      await store.closeSession(ref, 'expired');
    }
    return (await server.command('EXISTS', 'left:{lobby}:meta')) === 0;
  }, 'the room is forgotten');
  assert.equal(swept.length, 1);
  assert.deepEqual(await server.command('ZRANGE', 'left:rooms', '0', '-1'), []);
});

test('[SES-7] after Redis was away nobody is swept for one timeout', async () => {
  const timeoutMs = 60_000;
  const [patient, other] = [
    await instance('patient', server, { timeoutMs }),
    await instance('patient', server, { timeoutMs: 0 }),
  ];
  const ada = await opened(patient, 'Ada');
  assert.deepEqual(await patient.expired([ada], 0), [], 'it has only just come');
  assert.ok((await other.expired([ada], 0)).length > 0, 'she is idle');
});

test('an announcement in a room that nobody uses goes when it is too old', async () => {
  const store = await instance('alone', server, { history: { events: 10, bytes: 1 << 20, ageMs: 30 } });
  await store.announce('nobody', 'Is anybody here?');
  const kept = () => server.command('XLEN', 'alone:{nobody}:log');
  assert.equal(await kept(), 1);
  // What is too old is so by Redis' clock.
  await new Promise((resolve) => setTimeout(resolve, 50));
  store.trim();
  await waitUntil(async () => (await kept()) === 0, 'it is gone');
});

test('[SES-7] however many sessions a dead instance has left, they are given to whoever asks until there are none', async () => {
  const dead = await instance('crowd');
  const names = Array.from({ length: 150 }, (_, i) => `Member ${i}`);
  await Promise.all(names.map((name) => dead.openSession(claimOf(name), true, 1_000)));
  await dead.close();
  const store = await instance('crowd');
  await Watch.on(store);
  const idleMs = 20_000;
  const long = `${Date.now() - 2 * idleMs}`;
  const ids = (await server.command('ZRANGE', 'crowd:{lobby}:touched', '0', '-1')) as string[];
  await server.command('ZADD', 'crowd:{lobby}:touched', ...ids.flatMap((id) => [long, id]));
  const swept = new Set<string>();
  for (
    let given = await store.expired([], idleMs);
    given.length > 0;
    given = await store.expired([], idleMs)
  ) {
    for (const { sessionId } of given) swept.add(sessionId);
  }
  assert.equal(swept.size, names.length);
});

test('[LOG-2] a cursor that another instance gave is no gap, however far this one is behind', async () => {
  const [a, b] = [await instance('ahead'), await instance('ahead')];
  const watch = await Watch.on(b);
  const ada = await opened(a, 'Ada');
  await Promise.all(Array.from({ length: 50 }, (_, i) => say(a, ada.sessionId, `${i}`)));
  await b.catchUp(room);
  assert.equal(watch.events.at(-1)?.id, 51);
  await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await say(a, ada.sessionId, 'last');
  await b.catchUp(room);
  assert.equal(watch.events.at(-1)?.id, 52);
  await b.catchUp('elsewhere');
});

test('a session whose end comes before the answer that brings it is not brought', async (t) => {
  const proxy = await RedisLine.open(t, server.port);
  const a = await instance('late');
  const b = await instance('late', server, {
    address: { connection: { host: '127.0.0.1', port: proxy.port }, prefix: 'late' },
  });
  const watch = await Watch.on(b);
  const ada = await opened(a, 'Ada');
  const stateOf = () => server.command('HGET', 'late:{lobby}:state', ada.sessionId);
  const before = await stateOf();
  proxy.hold();
  const found = b.findSession(room, ada.tokenHash);
  await waitUntil(async () => (await stateOf()) !== before, 'Redis has found it');
  await a.closeSession(ada, 'removed');
  await waitUntil(() => watch.endings.includes(`${ada.sessionId} removed`), 'its end is heard');
  proxy.release();
  assert.equal(await found, null);
});

test('behind a proxy that takes connections and drops them while Redis is away, the store comes back', async (t) => {
  const redis = await startRedis();
  const line = await RedisLine.open(t, redis.port);
  const address = { connection: { host: '127.0.0.1', port: line.port }, prefix: 'proxied' };
  const store = await instance('proxied', redis, { address });
  await redis.kill();
  await waitUntil(() => store.status === 'away', 'it is away');
  const { count } = line;
  await waitUntil(() => line.count > count + 8, 'both connections are tried again and again');
  await redis.run();
  await waitUntil(() => store.status === 'ready', 'it is back');
  await opened(store, 'Ada');
});

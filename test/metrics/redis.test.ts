import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetting } from '../../src/stores/redis/forgetting.ts';
import { logObserver } from '../../src/system/log-observer.ts';
import { serverLog } from '../../src/system/server-log.ts';
import { startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { scrape } from '../support/metrics.ts';
import { has } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitUntil } from '../support/wait-until.ts';

test('of a Redis its state, its round trips, what it was asked for and its reconnects are told, and in the log what it lost', async (t) => {
  if (!has(t, 'redis-server')) return;
  const redis = await RedisServer.start();
  t.after(() => redis.dispose());
  await redis.command('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
  let log = '';
  const write = (line: string) => {
    log += line;
  };
  const observer = logObserver(serverLog('info', { write }));
  const { url } = await startAdminServer(t, { STORE_URL: redis.url }, { observer });
  const ada = await ApiClient.join(url, 'Ada');
  assert.equal((await ada.send('hello')).status, 201);
  const figures = await scrape(url);
  assert.equal(figures.of('parlor_store_state{state="ready"}'), 1);
  assert.equal(figures.of('parlor_store_reconnects_total'), 0);
  assert.ok(figures.of('parlor_store_operations_total') >= 2);
  assert.ok(figures.of('parlor_store_round_trips_total') >= 2);
  assert.ok(figures.of('parlor_store_commit_seconds_count') >= 2);
  assert.ok(figures.of('parlor_store_commit_seconds_sum') > 0);
  assert.ok(figures.of('parlor_store_lag_seconds') >= 0);
  // Both connections at once.
  await redis.command('CLIENT', 'KILL', 'SKIPME', 'yes');
  await waitUntil(
    async () => (await scrape(url)).of('parlor_store_reconnects_total') >= 2,
    'the reconnections are counted',
    20_000,
    100,
  );
  await redis.command('FLUSHALL');
  await waitUntil(() => log.includes('has lost'), 'the loss is told');
  const lines = log.trim().split('\n');
  const told = lines.map((line) => JSON.parse(line)).map(({ level, msg, room }) => [level, room, msg]);
  const lost = [40, 'lobby', 'the store has lost what was said in a room: its log begins anew'];
  assert.deepEqual(
    told.filter(([, , msg]) => msg === lost[2]),
    [lost],
  );
  const warnings = told.filter(([level]) => level === 40).map(([, , msg]) => msg);
  const times = (line: string) => warnings.filter((warning) => warning.startsWith(line)).length;
  assert.equal(times('a connection to the store was lost and is back'), 1, log);
  // Not again for each connection.
  assert.equal(times('STORE_URL: this Redis throws keys away'), 1, log);
});

test('a Redis that throws keys away when it is full is warned of, unless it is never full', () => {
  const told = (limit: number, policy: string) =>
    forgetting(`# Memory\r\nused_memory:9\r\nmaxmemory:${limit}\r\nmaxmemory_policy:${policy}\r\n`);
  assert.match(told(1000, 'volatile-ttl') ?? '', /^STORE_URL: .*\(maxmemory-policy volatile-ttl\)/);
  assert.equal(told(1000, 'noeviction'), undefined);
  assert.equal(told(0, 'allkeys-lru'), undefined);
  assert.equal(forgetting('# Memory\r\nused_memory:9\r\n'), undefined);
});

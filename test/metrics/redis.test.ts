import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await waitUntil(
    async () => (await scrape(url)).of('parlor_store_reconnects_total') >= 1,
    'the reconnection is told',
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
  assert.ok(warnings.includes('a connection to the store was lost and is back'), log);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { scrape } from '../support/metrics.ts';
import { has } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitUntil } from '../support/wait-until.ts';

test('of a Redis its state, its round trips, what it was asked for and its reconnects are told', async (t) => {
  if (!has(t, 'redis-server')) return;
  const redis = await RedisServer.start();
  t.after(() => redis.dispose());
  const { url } = await startAdminServer(t, { STORE_URL: redis.url });
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
});

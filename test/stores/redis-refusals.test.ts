/** A Redis that is there and takes no writes: sends are refused at once, the store is away, and comes back by itself. */

import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

interface Refusal {
  readonly name: string;
  readonly settings?: readonly string[];
  refuse(redis: RedisServer): Promise<void>;
  relent(redis: RedisServer): Promise<void>;
}

async function config(redis: RedisServer, option: string, value: string): Promise<void> {
  assert.equal(await redis.command('CONFIG', 'SET', option, value), 'OK');
}

const refusals: readonly Refusal[] = [
  {
    name: 'whose memory is full (OOM)',
    settings: ['--maxmemory-policy', 'noeviction'],
    refuse: (redis) => config(redis, 'maxmemory', '1'),
    relent: (redis) => config(redis, 'maxmemory', '0'),
  },
  {
    name: 'that has become a replica (READONLY)',
    refuse: async (redis) => {
      // Of nobody: nothing listens on the discard port.
      await redis.command('REPLICAOF', '127.0.0.1', '9');
    },
    relent: async (redis) => {
      await redis.command('REPLICAOF', 'NO', 'ONE');
    },
  },
  {
    name: 'whose disk fails (MISCONF)',
    settings: ['--save', '3600 1'],
    refuse: async (redis) => {
      // What it would write in the place of a folder cannot be put there.
      await mkdir(join(redis.folder, 'dump.rdb'));
      await saved(redis, 'err');
    },
    relent: async (redis) => {
      await rm(join(redis.folder, 'dump.rdb'), { recursive: true });
      await saved(redis, 'ok');
    },
  },
];

/** Saves, and waits until that has come to this. */
async function saved(redis: RedisServer, outcome: string): Promise<void> {
  await redis.command('BGSAVE');
  await waitUntil(async () => {
    const info = String(await redis.command('INFO', 'persistence'));
    return /rdb_bgsave_in_progress:0/.test(info) && info.includes(`rdb_last_bgsave_status:${outcome}`);
  }, `the last save is ${outcome}`);
}

async function status(stream: SseReader): Promise<string> {
  return JSON.parse((await stream.expect('status')).data).store;
}

async function readiness(url: string): Promise<unknown> {
  const response = await fetch(`${url}/readyz`);
  return [response.status, ((await response.json()) as { store: string }).store];
}

for (const { name, settings, refuse, relent } of refusals) {
  test(`[P-1] a Redis ${name} has sends refused at once, and goes on by itself when it takes writes again`, {
    timeout: 60_000,
  }, async (t) => {
    if (!has(t, 'redis-server')) return;
    const redis = await RedisServer.start(settings);
    t.after(() => redis.dispose());
    const server = await startServer({ STORE_URL: redis.url, SEND_LIMIT: 'off' });
    t.after(() => server.close());
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('before');
    const stream = await ada.subscribe(`?after=${ada.cursor}`);
    for (const type of ['join', 'message']) await stream.expect(type);

    await refuse(redis);
    const refused = await ada.send('refused', 'k');
    assert.deepEqual([refused.status, refused.body], [503, { ...refused.body, code: 'unavailable' }]);
    assert.ok(refused.headers.get('retry-after'));
    assert.equal(await status(stream), 'away');
    assert.deepEqual(await readiness(server.url), [503, 'away']);
    const { events } = (await ada.history()).body;
    assert.deepEqual(
      events.map(({ message }) => message),
      [undefined, 'before'],
      'what it has is read on',
    );
    const newcomer = await new ApiClient(server.url).create({ name: 'Bob' });
    assert.equal(newcomer.status, 503);

    await relent(redis);
    assert.equal(await status(stream), 'back');
    assert.equal((await ada.send('refused', 'k')).status, 201, 'it had taken no effect');
    const { id, data } = await stream.expect('message');
    assert.deepEqual([id?.split('-')[1], JSON.parse(data).message], ['3', 'refused']);
    assert.deepEqual(await readiness(server.url), [200, 'ready']);
    stream.close();
  });
}

/** The contract, on a redis-server of its own, or with `REDIS_URL` on one that is there: under names of its own, which are gone after it. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { parseConfig } from '../../src/config/config.ts';
import type { RedisAddress } from '../../src/stores/redis/address.ts';
import { storeContract } from '../contract/store-contract.ts';
import { has, isInPath } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import { redisStore } from '../support/redis-store.ts';

const givenUrl = process.env.REDIS_URL;

if (givenUrl || isInPath('redis-server')) contract();
else {
  test('the store of many instances', (t) => {
    has(t, 'redis-server');
  });
}

function contract(): void {
  const own = `test-${randomUUID()}`;
  let server: RedisServer | undefined;
  let connection: RedisAddress['connection'];
  let count = 0;

  before(async () => {
    server = givenUrl ? undefined : await RedisServer.start();
    const { storeUrl } = parseConfig({ STORE_URL: givenUrl ?? server?.url });
    assert.ok(storeUrl.scheme === 'redis');
    ({ connection } = storeUrl.address);
  });
  after(async () => {
    await deleteKeys(connection, own);
    await server?.dispose();
  });

  storeContract('redis store', async (history) => {
    count += 1;
    const store = redisStore(connection, `${own}-${count}`, {
      history,
      onFault: (error, doing) => console.error(doing, error),
    });
    await store.opened();
    return { store, elapse: (ms) => delay(ms), dispose: () => store.close() };
  });
}

/** All keys whose names begin so, and no other. */
async function deleteKeys(connection: RedisAddress['connection'], beginning: string): Promise<void> {
  const redis = new Redis(connection);
  try {
    for await (const keys of redis.scanStream({ match: `${beginning}*`, count: 1_000 })) {
      if (keys.length > 0) await redis.del(...keys);
    }
  } finally {
    redis.disconnect();
  }
}

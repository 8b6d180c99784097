/** Stores of Redis, as instances of a system are, and tests that need one. */

import { test as nodeTest, type TestContext } from 'node:test';
import type { RedisAddress } from '../../src/stores/redis/address.ts';
import { RedisStore, type RedisStoreOptions } from '../../src/stores/redis-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { has } from './needs.ts';

let count = 0;

/**
 * An instance, of which those with one prefix are one system; whoever makes it opens and closes it.
 *
 * @param where a port of this machine, or how else its Redis is reached
 * @param options what is not as most tests want it
 */
export function redisStore(
  where: number | RedisAddress['connection'],
  prefix: string,
  options: Partial<RedisStoreOptions> = {},
): RedisStore {
  count += 1;
  return new RedisStore({
    address: { connection: typeof where === 'number' ? { host: '127.0.0.1', port: where } : where, prefix },
    clock: systemClock,
    history: { events: 10_000, bytes: 1 << 24, ageMs: 3_600_000 },
    timeoutMs: 0,
    graceMs: 0,
    instance: `i${count}`,
    onFault: () => {},
    ...options,
  });
}

/** The same, opened, and closed with the test. */
export async function openRedisStore(
  t: TestContext,
  where: number | RedisAddress['connection'],
  prefix: string,
  options?: Partial<RedisStoreOptions>,
): Promise<RedisStore> {
  const store = redisStore(where, prefix, options);
  t.after(() => store.close());
  await store.opened();
  return store;
}

/** A test that needs a redis-server. */
export function redisTest(name: string, run: (t: TestContext) => Promise<void>): void {
  nodeTest(name, async (t) => {
    if (has(t, 'redis-server')) await run(t);
  });
}

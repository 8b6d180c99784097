import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisStore } from '../../src/stores/redis-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { storeContract } from '../contract/store-contract.ts';
import { has, isInPath } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';

if (isInPath('redis-server')) contract();
else {
  test('the store of many instances', (t) => {
    has(t, 'redis-server');
  });
}

function contract(): void {
  let server: RedisServer;
  let count = 0;

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.dispose());

  storeContract('redis store', async (history) => {
    count += 1;
    const store = new RedisStore({
      address: { connection: { host: '127.0.0.1', port: server.port }, prefix: `test-${count}` },
      clock: systemClock,
      history,
      timeoutMs: 0,
      graceMs: 0,
      instance: `instance-${count}`,
      onFault: (error, doing) => console.error(doing, error),
    });
    await store.opened();
    return { store, elapse: (ms) => delay(ms), dispose: () => store.close() };
  });
}

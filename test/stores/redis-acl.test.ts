/** The user with least rights of docs/cluster.md: with him alone, a store does all that the port promises. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisStore } from '../../src/stores/redis-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { storeContract } from '../contract/store-contract.ts';
import { has, isInPath } from '../support/needs.ts';
import { commandsOf } from '../support/readme.ts';
import { RedisServer } from '../support/redis-server.ts';

const [username, password] = ['parlor', 'change-this-password'];

if (isInPath('redis-server') && isInPath('redis-cli')) contract();
else {
  test('the store as a user with least rights', (t) => {
    has(t, 'redis-server');
    has(t, 'redis-cli');
  });
}

function contract(): void {
  let server: RedisServer;
  let count = 0;

  before(async () => {
    server = await RedisServer.start();
    const command = commandsOf('acl', 'docs/cluster.md').replace('redis-cli', `redis-cli -p ${server.port}`);
    const said = execFileSync('sh', ['-c', `set -eu\n${command}`], { encoding: 'utf8' });
    assert.equal(said, 'OK\n');
    // Nobody else may come in.
    await server.command('ACL', 'SETUSER', 'default', 'nocommands', '+ping');
  });
  after(() => server.dispose());

  storeContract('redis store, as a user with least rights', async (history) => {
    count += 1;
    const connection = { host: '127.0.0.1', port: server.port, username, password };
    const store = new RedisStore({
      address: { connection, prefix: `parlor:${count}` },
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

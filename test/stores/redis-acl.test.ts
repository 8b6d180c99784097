/** The user with least rights of docs/cluster.md: with him alone, a store does all that the port promises; with less, it does not start. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { storeContract } from '../contract/store-contract.ts';
import { has, isInPath } from '../support/needs.ts';
import { commandsOf } from '../support/readme.ts';
import { RedisServer } from '../support/redis-server.ts';
import { redisStore } from '../support/redis-store.ts';

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
    await server.command('ACL', 'SETUSER', 'default', 'nocommands', '+ping', '+acl|setuser');
  });
  after(() => server.dispose());

  storeContract('redis store, as a user with least rights', async (history) => {
    count += 1;
    const connection = { host: '127.0.0.1', port: server.port, username, password };
    const store = redisStore(connection, `parlor:${count}`, {
      history,
      onFault: (error, doing) => console.error(doing, error),
    });
    await store.opened();
    return { store, elapse: (ms) => delay(ms), dispose: () => store.close() };
  });

  test('a user who lacks any of these rights ends the start, in a line that names it', async (t) => {
    const words = commandsOf('acl', 'docs/cluster.md').replace(/\\\n/g, ' ').split(/\s+/);
    const rights = words
      .filter((word) => word.startsWith('+'))
      .map((word) => word.slice(1).replace('\\', ''));
    assert.ok(rights.length > 30, 'they were found');
    // It is for people who read Redis' list of clients; ioredis goes on without it.
    const needed = rights.filter((right) => right !== 'client|setname');
    const unasked: string[] = [];
    const tryWithout = async (name: string, less: string, told: RegExp) => {
      const given = rights.map((right) => `+${right}`);
      const rules = ['on', `>${password}`, '~less:*', '&less:*', 'nocommands', ...given, less];
      await server.command('ACL', 'SETUSER', name, ...rules);
      const store = redisStore({ host: '127.0.0.1', port: server.port, username: name, password }, 'less');
      t.after(() => store.close());
      const refusal = await store.opened().then(
        () => undefined,
        (error: Error) => `${error}`,
      );
      if (!refusal || !/^StoreRefusal: [^\n]+$/.test(refusal) || !told.test(refusal)) {
        unasked.push(`${less}: ${refusal}`);
      }
    };
    await Promise.all([
      ...needed.map((right, index) =>
        tryWithout(`less-${index}`, `-${right}`, new RegExp(`\\b${right.replace('|', '\\|')}\\b`)),
      ),
      tryWithout('no-channels', 'resetchannels', /publish|channel/),
      tryWithout('no-keys', 'resetkeys', /keys/),
    ]);
    assert.deepEqual(unasked, []);
  });
}

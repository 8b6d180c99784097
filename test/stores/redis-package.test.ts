/** Whoever installs the package gets ioredis only if he asks for it, and is told to if he needs it. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { builtServer } from '../fault/support/built-server.ts';
import { has } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

test('without ioredis a start on Redis says in one line what to install; with it, it starts', async (t) => {
  if (!has(t, 'redis-server')) return;
  const redis = await RedisServer.start();
  t.after(() => redis.dispose());
  const folder = temporaryFolder(t);
  const command = await builtServer();
  const built = command.at(-1) ?? '';
  cpSync(dirname(built), join(folder, 'dist'), { recursive: true });
  cpSync(join(dirname(built), '../public'), join(folder, 'public'), { recursive: true, dereference: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  mkdirSync(join(folder, 'node_modules'));
  const link = (name: string) => symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  for (const name of readdirSync(modules)) if (name !== 'ioredis') link(name);
  const options = { cwd: folder, command: [process.execPath, join(folder, 'dist/server.js')] };
  const env = { STORE_URL: redis.url };

  const without = ServerProcess.spawn({ ...options, env });
  t.after(() => without.stop());
  assert.equal(await without.exited, 1);
  assert.equal(
    without.stderr,
    'parlor: STORE_URL: redis:// needs the package ioredis: npm install ioredis@5\n',
  );
  const others = await ServerProcess.start({ ...options, env: { STORE_URL: 'memory:' } });
  t.after(() => others.stop());

  link('ioredis');
  const server = await ServerProcess.start({ ...options, env });
  t.after(() => server.stop());
  const ready = await fetch(`${server.url}/readyz`);
  assert.deepEqual(await ready.json(), { status: 'ready', store: 'ready' });

  assert.equal(await redis.command('CONFIG', 'SET', 'requirepass', 'right'), 'OK');
  const wrong = redis.url.replace('redis://', 'redis://:wrong@');
  const refused = ServerProcess.spawn({ ...options, env: { STORE_URL: wrong, LOG_LEVEL: 'info' } });
  t.after(() => refused.stop());
  assert.equal(await refused.exited, 1);
  assert.match(refused.stderr, /^parlor: STORE_URL: Redis refuses: WRONGPASS [^\n]*\n$/);
  assert.doesNotMatch(refused.stdout, /"level":[56]0/, 'the log has nothing of it');
});

/** What a server says that is started on a Redis which it cannot use, must not use, or cannot reach yet. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { StatsAnswer } from '../../src/schemas/overview.ts';
import { refusalOf, withoutInput } from '../../src/stores/redis/link.ts';
import { withTlsFiles } from '../../src/stores/redis/tls-files.ts';
import { Authority } from '../support/certificates.ts';
import { has } from '../support/needs.ts';
import { freePort, RedisServer } from '../support/redis-server.ts';
import { noteSecret } from '../support/secrets.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

const password = 'correct-horse-battery';
noteSecret(password);

async function redisFor(t: TestContext, settings: readonly string[] = []): Promise<RedisServer> {
  const redis = await RedisServer.start(settings);
  t.after(() => redis.dispose());
  return redis;
}

/** The one line with which a start ends. */
async function complaintOf(t: TestContext, env: Readonly<Record<string, string>>): Promise<string> {
  const server = ServerProcess.spawn({ env: { LOG_LEVEL: 'warn', ...env } });
  t.after(() => server.stop());
  assert.equal(await server.exited, 1, server.stdout + server.stderr);
  assert.equal(server.stdout, '');
  assert.match(server.stderr, /^parlor: [^\n]+\n$/);
  return server.stderr.slice('parlor: '.length).trimEnd();
}

/** Answers every command by OK, and who asks for its version by that. */
async function redisThatSays(t: TestContext, info: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (const [, command = ''] of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        const text = `# Server\r\n${info}\r\n`;
        socket.write(command.toLowerCase() === 'info' ? `$${text.length}\r\n${text}\r\n` : '+OK\r\n');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('wrong credentials, a database that is not there and commands that are forbidden end the start in one line', async (t) => {
  if (!has(t, 'redis-server')) return;
  const redis = await redisFor(t, ['--requirepass', 'right', '--databases', '4']);
  const at = `127.0.0.1:${redis.port}`;
  const limited = await redisFor(t, ['--user', ...'default on nopass ~* &* +@all -evalsha -info'.split(' ')]);
  const addresses = [`redis://ada:${password}@${at}`, `redis://${at}`, `redis://:right@${at}/4`, limited.url];
  const complaints = await Promise.all(addresses.map((STORE_URL) => complaintOf(t, { STORE_URL })));
  const [wrong = '', none = '', database, forbidden = ''] = complaints;
  assert.match(wrong, /^STORE_URL: Redis refuses: WRONGPASS [^:]+$/);
  assert.match(none, /^STORE_URL: Redis refuses: NOAUTH /);
  assert.equal(database, 'STORE_URL: Redis refuses: ERR DB index is out of range');
  assert.match(forbidden, /^STORE_URL: Redis refuses: NOPERM .+'info' command$/);
});

test('a Redis older than 7, and a node of a cluster, end the start in one line', async (t) => {
  const older = await redisThatSays(t, 'redis_version:6.2.14\r\nredis_mode:standalone');
  assert.equal(
    await complaintOf(t, { STORE_URL: older }),
    'STORE_URL: Redis 7 or newer is needed; this one is 6.2.14',
  );
  if (!has(t, 'redis-server')) return;
  const node = await redisFor(t, ['--cluster-enabled', 'yes']);
  assert.match(
    await complaintOf(t, { STORE_URL: node.url }),
    /^STORE_URL: this is a node of a Redis Cluster/,
  );
});

test('nothing of a command is told with an error of Redis, whatever Redis repeats of it', () => {
  const error = Object.assign(
    new Error(`ERR unknown command 'auth', with args beginning with: 'ada' '${password}' `),
    { command: { name: 'auth', args: ['ada', password] } },
  );
  assert.equal(refusalOf(error)?.message, "Redis refuses: ERR unknown command 'auth'");
  const told = withoutInput(error);
  assert.deepEqual(Object.keys(told), ['name']);
  assert.doesNotMatch(`${told.stack}`, new RegExp(password));
});

test('a Redis that is not there yet is waited for: one line says so, and /readyz and create are 503 until it comes', async (t) => {
  if (!has(t, 'redis-server')) return;
  const redis = await redisFor(t);
  await redis.kill();
  const ADMIN_TOKEN = 'an-operator-of-this-test-0123';
  const server = await ServerProcess.start({ env: { STORE_URL: redis.url, ADMIN_TOKEN, LOG_LEVEL: 'info' } });
  t.after(() => server.stop());
  const lines = () =>
    server.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => /store/.test(msg));
  const [away, ...more] = lines();
  assert.equal(more.length, 0);
  assert.deepEqual(
    [away.level, away.why, away.msg],
    [50, `connect ECONNREFUSED 127.0.0.1:${redis.port}`, 'the store is away: nothing can be committed'],
  );
  const ready = async () => {
    const answer = await fetch(`${server.url}/readyz`);
    return [answer.status, await answer.json()];
  };
  const create = () =>
    fetch(`${server.url}/v1/rooms/lobby/session`, {
      method: 'POST',
      body: new URLSearchParams({ name: 'Ada' }),
    });
  const stats = async () => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await fetch(`${server.url}/v1/admin/stats`, { headers });
    return ((await answer.json()) as StatsAnswer).store;
  };
  assert.deepEqual(await ready(), [503, { status: 'store-away', store: 'away' }]);
  assert.equal((await create()).status, 503);
  assert.equal((await stats()).trouble, away.why);
  await redis.run();
  await waitUntil(async () => (await ready())[0] === 200, 'it is ready');
  assert.equal((await create()).status, 201);
  const { status, trouble, network } = await stats();
  assert.ok(network);
  assert.deepEqual([status, trouble], ['ready', null]);
  assert.deepEqual([network.reconnects, network.lagEvents, network.lagMs], [0, 0, 0]);
  assert.ok(network.operations >= network.roundTrips && network.roundTrips > 0);
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await waitUntil(async () => (await stats()).network?.reconnects === 1, 'the connection is back');
  const said = () => lines().map(({ level, msg }) => [level, msg]);
  await waitUntil(() => said().length === 3, 'it is told');
  assert.deepEqual(said().slice(1), [
    [30, 'the store is back'],
    [40, 'a connection to the store was lost and is back'],
  ]);
});

test('over TLS an authority of its own is trusted, a client shows its certificate, and what cannot be used is told in one line', async (t) => {
  if (!has(t, 'redis-server') || !has(t, 'openssl')) return;
  const authority = await Authority.create(t);
  const [own, client] = [await authority.server(), await authority.issue('client')];
  const port = await freePort();
  await redisFor(t, [
    ...['--tls-port', `${port}`, '--tls-cert-file', own.cert, '--tls-key-file', own.key],
    ...['--tls-ca-cert-file', authority.cert, '--tls-auth-clients', 'yes'],
  ]);
  const STORE_URL = `rediss://localhost:${port}`;
  const pair = { STORE_CERT: client.cert, STORE_KEY: client.key };
  const server = await ServerProcess.start({ env: { STORE_URL, STORE_CA: authority.cert, ...pair } });
  t.after(() => server.stop());
  const ready = await fetch(`${server.url}/readyz`);
  assert.deepEqual(await ready.json(), { status: 'ready', store: 'ready' });
  const folder = temporaryFolder(t);
  const text = join(folder, 'text.pem');
  writeFileSync(text, 'hello');
  const missing = join(folder, 'missing.pem');
  const complaints = await Promise.all(
    [pair, { STORE_CA: missing }, { STORE_CA: text }, { STORE_CERT: client.cert, STORE_KEY: own.key }].map(
      (env) => complaintOf(t, { STORE_URL, ...env }),
    ),
  );
  const [untrusted = '', absent, useless, unfitting = ''] = complaints;
  assert.match(
    untrusted,
    /^STORE_URL: the certificate of Redis is not trusted \(.+\); STORE_CA names its authority$/,
  );
  assert.equal(absent, `STORE_CA: "${missing}" cannot be read (ENOENT).`);
  assert.equal(useless, `STORE_CA: "${text}" cannot be used (no certificate in PEM).`);
  assert.match(unfitting, /^STORE_CERT: ".+" cannot be used \(.*mismatch.*\)\.$/);
});

test('a host is named to the other side of TLS, an address is not', async () => {
  const none = { ca: null, cert: null, key: null };
  const tlsOf = async (host: string) =>
    (await withTlsFiles({ connection: { host, tls: {} }, prefix: 'p' }, none)).connection.tls;
  assert.deepEqual(await tlsOf('redis.example.org'), { servername: 'redis.example.org' });
  assert.deepEqual(await tlsOf('::1'), {});
  const plain = { connection: { host: 'a' }, prefix: 'p' };
  assert.equal(await withTlsFiles(plain, none), plain);
});

/** What docs/cluster.md and the README promise of several instances, tried as they say it. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { join as joinRoom } from '../../src/client/index.ts';
import { roomKeys } from '../../src/stores/redis/script/room-script.ts';
import type { RedisStore } from '../../src/stores/redis-store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { nginxArguments, ProxyProcess } from '../support/proxy-process.ts';
import { commandsOf, environmentOf, page } from '../support/readme.ts';
import { freePort, RedisServer } from '../support/redis-server.ts';
import { redisStore } from '../support/redis-store.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

const docs = 'docs/cluster.md';

async function redisFor(t: TestContext, settings: readonly string[] = []): Promise<RedisServer> {
  const redis = await RedisServer.start(settings);
  t.after(() => redis.dispose());
  return redis;
}

async function instance(
  t: TestContext,
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess & { url: string }> {
  const server = await ServerProcess.start({ env: { LOG_LEVEL: 'info', ...env } });
  t.after(() => server.stop());
  return server;
}

/** Runs a group of commands of the page. */
function run(group: string, replaced: readonly [from: string | RegExp, to: string][], cwd: string) {
  const commands = replaced.reduce((text, [from, to]) => text.replaceAll(from, to), commandsOf(group, docs));
  assert.notEqual(commands, '');
  return promisify(execFile)('bash', ['-c', `set -eu\n${commands}`], { cwd });
}

async function storeOn(redis: RedisServer, name: string): Promise<RedisStore> {
  const store = redisStore(redis.port, 'parlor', { instance: name });
  await store.opened();
  return store;
}

test('two commands start two instances on one Redis, and who is on the first hears curl on the second', async (t) => {
  if (!has(t, 'redis-server') || !has(t, 'bash') || !has(t, 'curl')) return;
  const redis = await redisFor(t);
  for (const path of [docs, 'README.md']) {
    assert.deepEqual(environmentOf('first', path), { STORE_URL: 'redis://127.0.0.1' });
    assert.deepEqual(environmentOf('second', path), { STORE_URL: 'redis://127.0.0.1', PORT: '3001' });
  }
  const [first, second] = await Promise.all([1, 2].map(() => instance(t, { STORE_URL: redis.url })));
  assert.ok(first && second);
  const bob = await joinRoom({ url: first.url, room: 'lobby', name: 'Bob' });
  t.after(() => bob.close());
  const heard: string[] = [];
  bob.on('message', ({ name, message }) => heard.push(`${name}: ${message}`));
  await waitUntil(() => bob.state === 'live', 'Bob is inside');
  await run('second', [['http://127.0.0.1:3001', second.url]], temporaryFolder(t));
  await waitUntil(() => heard.includes('Ada: Hello from the other instance!'), 'Bob hears Ada');
  await bob.leave();
});

test('who has joined by a stream on one instance may speak through another, which knew him before', async (t) => {
  if (!has(t, 'redis-server')) return;
  const redis = await redisFor(t);
  const [first, second] = await Promise.all([1, 2].map(() => instance(t, { STORE_URL: redis.url })));
  assert.ok(first && second);
  const session = `/v1/rooms/lobby/session`;
  const created = await fetch(`${first.url}${session}`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'Ada', delivery: 'push', credential: 'bearer' }),
  });
  const { token } = (await created.json()) as { token: string };
  const headers = { Authorization: `Bearer ${token}` };
  const say = () =>
    fetch(`${second.url}${session}/messages`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ message: 'hello' }),
    });
  assert.equal((await say()).status, 409);
  const ending = new AbortController();
  t.after(() => ending.abort());
  const stream = await fetch(`${first.url}${session}/events`, { headers, signal: ending.signal });
  const reader = stream.body?.getReader();
  const decoder = new TextDecoder();
  let heard = '';
  while (!heard.includes('event: join')) heard += decoder.decode((await reader?.read())?.value);
  assert.equal((await say()).status, 201);
  const { state } = (await (await fetch(`${second.url}${session}`, { headers })).json()) as { state: string };
  assert.equal(state, 'joined');
});

test('behind the proxy of the docs, instances restarted in turn lose nothing and show no leave or join', {
  timeout: 180_000,
}, async (t) => {
  if (!has(t, 'redis-server') || !has(t, 'nginx')) return;
  const redis = await redisFor(t);
  const ports = [await freePort(), await freePort()];
  const start = (port: number) =>
    instance(t, {
      STORE_URL: redis.url,
      PORT: `${port}`,
      TRUST_PROXY: '127.0.0.1',
      SEND_LIMIT: 'off',
      UPDATES_LIMIT: 'off',
      CREATE_LIMIT: 'off',
      READ_LIMIT: 'off',
    });
  const instances = await Promise.all(ports.map(start));
  const proxy = await nginx(t, ports);
  const log: string[] = [];
  const reader = await joinRoom({ url: proxy, room: 'lobby', name: 'Reader' });
  t.after(() => reader.close());
  reader.on('message', ({ message }) => log.push(message));
  reader.on('join', ({ name }) => log.push(`${name} came`));
  reader.on('leave', ({ name }) => log.push(`${name} left`));
  reader.on('gap', (lost) => log.push(`gap ${lost}`));
  await waitUntil(() => log.includes('Reader came'), 'the reader is inside');
  const speakers = await Promise.all(
    ['Ada', 'Bob'].map((name) => joinRoom({ url: proxy, room: 'lobby', name })),
  );
  t.after(() => Promise.all(speakers.map((speaker) => speaker.close())));
  await waitUntil(() => log.filter((line) => line.endsWith(' came')).length === 3, 'all are inside');
  let isOver = false;
  const said: string[] = [];
  const talking = speakers.map(async (speaker, index) => {
    for (let count = 0; !isOver; count++) {
      const text = `${index}-${count}`;
      await speaker.send(text);
      said.push(text);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  for (const [index, port] of ports.entries()) {
    const before = said.length;
    await waitUntil(() => said.length > before + 5, 'they talk');
    instances[index]?.child.kill('SIGTERM');
    assert.equal(await instances[index]?.exited, 0);
    instances[index] = await start(port);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    assert.equal(ready.status, 200);
  }
  const before = said.length;
  await waitUntil(() => said.length > before + 5, 'they go on talking');
  isOver = true;
  await Promise.all(talking);
  await waitUntil(() => said.every((text) => log.includes(text)), 'all was heard');
  assert.deepEqual(log.filter((line) => !/^\d-\d+$/.test(line)).sort(), [
    'Ada came',
    'Bob came',
    'Reader came',
  ]);
  for (const speaker of ['0', '1']) {
    const own = log.filter((line) => line.startsWith(`${speaker}-`));
    assert.deepEqual(
      own,
      own.map((_, count) => `${speaker}-${count}`),
      'each once, and in order',
    );
  }
  assert.equal(log.length, said.length + 3);
});

test('a snapshot is put back, and rooms that were given new epochs tell a gap to who was further', async (t) => {
  if (!has(t, 'redis-server') || !has(t, 'redis-cli') || !has(t, 'bash')) return;
  const redis = await redisFor(t);
  const folder = temporaryFolder(t);
  const cli: [string, string][] = [['redis-cli', `redis-cli -p ${redis.port}`]];
  const [first, second] = [
    await instance(t, { STORE_URL: redis.url }),
    await instance(t, { STORE_URL: redis.url }),
  ];
  const ada = await ApiClient.join(first.url, 'Ada');
  await ada.send('kept');
  await run('backup', cli, folder);
  await ada.send('lost');
  const { body } = await ada.updates({ after: ada.cursor });
  for (const server of [first, second]) {
    server.child.kill('SIGTERM');
    await server.exited;
  }
  await redis.kill();
  copyFileSync(join(folder, 'parlor.rdb'), join(redis.folder, 'dump.rdb'));
  await redis.run();
  await run('restore', cli, folder);
  const later = await instance(t, { STORE_URL: redis.url });
  const again = await ApiClient.join(later.url, 'Bob');
  await again.send('new');
  await again.send('newer');
  const gap = await again.updates({ after: body.cursor });
  assert.equal(gap.body.lost, null);
  assert.deepEqual(
    gap.body.events.flatMap((event: { message?: string }) => event.message ?? []),
    ['kept', 'new', 'newer'],
  );
});

test('the table of keys is that of the script, and Redis holds nothing else of a room', async (t) => {
  const [, table = ''] = /<!-- keys -->\n([\s\S]*?)<!-- \/keys -->/.exec(page(docs)) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` \| ([a-z ]+) \|/gm)].map(
    ([, key, type]) => [key, type] as const,
  );
  assert.deepEqual(
    rows.map(([key]) => key),
    roomKeys,
  );
  if (!has(t, 'redis-server')) return;
  const redis = await redisFor(t);
  const store = await storeOn(redis, 'one');
  const { log: _log } = await store.load('lobby', { deliver: () => {}, ended: () => {} });
  const user = { id: 'u1', name: 'Ada', claims: {} };
  const answers = [
    await store.openSession(claimOf('Ada', { user }), true, 100),
    await store.openSession(claimOf('Bob'), true, 100),
  ];
  const [ada, bob] = answers.map((answer) => (answer.outcome === 'opened' ? answer.record : assert.fail()));
  assert.ok(ada && bob);
  await store.append('lobby', [
    { sessionId: ada.sessionId, message: 'hello', key: 'k', isRepeatOnly: false },
  ]);
  await store.redact('lobby', 3);
  await store.savePositions([{ ...bob, position: bob.start }]);
  await store.closeSession(bob, 'destroyed');
  const types = new Map(rows.map(([key, type]) => [key ?? '', type?.replace('sorted set', 'zset')]));
  for (const key of (await redis.command('KEYS', 'parlor:{lobby}:*')) as string[]) {
    const name = key.split(':').at(-1) ?? '';
    assert.equal(await redis.command('TYPE', key), types.get(name), key);
  }
  const others = ((await redis.command('KEYS', '*')) as string[]).filter(
    (key) => !key.startsWith('parlor:{lobby}:'),
  );
  assert.deepEqual(others.sort(), ['parlor:origin', 'parlor:probe', 'parlor:rooms']);
  await store.close();
});

test('events and sessions take what the page says of memory', async (t) => {
  if (!has(t, 'redis-server')) return;
  const said = (what: string) =>
    Number(new RegExp(`^\\| ${what}.*\\| (\\d+) bytes`, 'm').exec(page(docs))?.[1]);
  const redis = await redisFor(t);
  const store = await storeOn(redis, 'one');
  const used = async () =>
    Number(/^used_memory:(\d+)/m.exec(String(await redis.command('INFO', 'memory')))?.[1]);
  const each = async (count: number, act: (index: number) => Promise<unknown>) => {
    const before = await used();
    await Promise.all(Array.from({ length: count }, (_, index) => act(index)));
    return ((await used()) - before) / count;
  };
  const near = (measured: number, told: number) =>
    assert.ok(measured > told / 2 && measured < told * 1.3, `${measured} bytes, and the page says ${told}`);
  const ids: string[] = [];
  const perSession = await each(1_000, async (index) => {
    const answer = await store.openSession(claimOf(`Name ${index}`), true, 2_000);
    if (answer.outcome === 'opened') ids.push(answer.record.sessionId);
  });
  near(perSession, said('a session'));
  const say = (key: (index: number) => string | null) => (index: number) =>
    store.append('lobby', [
      { sessionId: ids[0] ?? '', message: 'x'.repeat(120), key: key(index), isRepeatOnly: false },
    ]);
  near(
    await each(
      3_000,
      say(() => null),
    ),
    said('an event'),
  );
  near(
    await each(
      3_000,
      say((index) => `key-${index}`),
    ),
    said('the same, sent with a `key`'),
  );
  await store.close();
});

/** The proxy as the page has it, before instances on these ports. */
async function nginx(t: TestContext, ports: readonly number[]): Promise<string> {
  const [, block = ''] = /<!-- nginx -->\n```nginx\n([\s\S]*?)```/.exec(page(docs)) ?? [];
  const folder = temporaryFolder(t);
  const port = await freePort();
  const site = block
    .replace('127.0.0.1:3000', `127.0.0.1:${ports[0]}`)
    .replace('127.0.0.1:3001', `127.0.0.1:${ports[1]}`)
    .replace('listen 8080', `listen 127.0.0.1:${port}`);
  await new ProxyProcess(t, 'nginx', nginxArguments(folder, site), folder, port).start();
  return `http://127.0.0.1:${port}`;
}

test('the Redis that the page starts keeps what it acknowledges, and throws nothing away', async (t) => {
  const [, line = ''] = /^redis-server (.+)\n$/.exec(commandsOf('redis', docs)) ?? [];
  assert.notEqual(line, '');
  if (!has(t, 'redis-server')) return;
  const redis = await redisFor(t, line.split(' '));
  const setting = async (name: string) => ((await redis.command('CONFIG', 'GET', name)) as string[])[1];
  assert.deepEqual(
    [await setting('appendonly'), await setting('appendfsync'), await setting('maxmemory-policy')],
    ['yes', 'always', 'noeviction'],
  );
  const store = await storeOn(redis, 'one');
  const answer = await store.openSession(claimOf('Ada'), true, 10);
  assert.ok(answer.outcome === 'opened');
  await redis.kill();
  await redis.run();
  await waitUntil(() => store.status === 'ready', 'it is back');
  const found = await store.findSession('lobby', answer.record.tokenHash);
  assert.equal(found?.sessionId, answer.record.sessionId);
  await store.close();
});

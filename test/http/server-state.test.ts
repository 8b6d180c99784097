import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import Fastify from 'fastify';
import { parseConfig } from '../../src/config/config.ts';
import type { Hooks } from '../../src/core/hooks.ts';
import type { Store } from '../../src/core/store.ts';
import { parlor } from '../../src/plugin.ts';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { closeKeptConnections } from '../support/request.ts';
import { StatusStore } from '../support/status-store.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

/** An application in which something beside Parlor takes its time to close, while the server still listens. */
async function startSlowlyClosing(t: TestContext, store: Store, hooks: Hooks = {}) {
  let letGo: () => void = () => {};
  let draining: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const isDraining = new Promise<void>((resolve) => {
    draining = resolve;
  });
  const app = Fastify({ return503OnClosing: false });
  const config = parseConfig({
    ROOMS: 'lobby,garden',
    UPDATES_LIMIT: 'off',
    ALLOWED_ORIGINS: 'http://other.example',
  });
  await app.register(parlor, { config, store, hooks });
  app.register(async (scope) => {
    scope.addHook('preClose', async () => {
      draining();
      await gate;
    });
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  let closed: Promise<unknown> = Promise.resolve();
  t.after(async () => {
    letGo();
    await closed;
    await app.close();
  });
  return {
    url,
    async drain() {
      closed = app.close();
      await isDraining;
    },
    async close() {
      letGo();
      await closed;
    },
  };
}

async function assertRefused(ada: ApiClient, retryAfter: string): Promise<void> {
  for (const [method, path, body] of [
    ['POST', '/session', { name: 'Bob' }],
    ['GET', '/session'],
    ['POST', '/session/ping'],
    ['GET', '/session/users'],
    ['GET', '/session/updates?wait=25'],
    ['POST', '/session/messages', { message: 'hello' }],
    ['GET', '/history'],
    ['GET', ''],
    ['PUT', '/session'],
  ] as const) {
    const answer = await ada.call(method, path, body);
    assertProblem(answer, 503, 'unavailable');
    assert.equal(answer.headers.get('retry-after'), retryAfter, `${method} ${path}`);
  }
  for (const stream of [await ada.subscribe(), await ada.feed()]) {
    assert.equal(stream.status, 200);
    const [bye, ...more] = await stream.rest();
    assert.deepEqual(
      [bye?.type, JSON.parse(bye?.data ?? ''), more],
      ['bye', { reason: 'unavailable', action: 'reconnect', reconnect: true }, []],
    );
    assert.ok(stream.retry !== undefined && stream.retry >= 2_000 && stream.retry <= 3_000);
  }
  for (const path of ['/session/events', '/feed']) {
    assert.equal((await ada.call('HEAD', path)).status, 503, 'nobody reads a stream of HEAD');
  }
}

test('a server that is starting refuses all requests, and takes them once its store is ready', async (t) => {
  const store = new StatusStore('starting');
  const server = await startServer({}, { store });
  t.after(() => server.close());
  const ada = new ApiClient(server.url);
  await assertRefused(ada, '1');
  assertProblem(await ada.destroy(), 503, 'unavailable');
  for (const operation of ['load', 'findSession', 'openSession', 'append'] as const) {
    assert.equal(store.calls.get(operation), undefined, 'nothing of it reaches the store');
  }
  assert.equal((await fetch(server.url)).status, 200, 'the page is there');
  store.become('ready');
  assert.equal((await ada.create({ name: 'Ada' })).status, 201);
  assert.equal((await ada.send('hello')).status, 201);
});

test('a server that drains refuses new requests, but for leaving', async (t) => {
  const server = await startSlowlyClosing(t, new StatusStore());
  const ada = await ApiClient.join(server.url, 'Ada');
  closeKeptConnections();
  await server.drain();
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
  const ready = await fetch(`${server.url}/readyz`);
  assert.deepEqual([ready.status, await ready.json()], [503, { status: 'draining', store: 'ready' }]);
  await assertRefused(ada, '2');
  assert.equal((await ada.destroy()).status, 204);
});

test('a page of another origin may read why it is refused, and its preflight is answered', async (t) => {
  const server = await startSlowlyClosing(t, new StatusStore());
  await server.drain();
  const headers = { origin: 'http://other.example' };
  const client = new ApiClient(server.url);
  const preflight = await client.call('OPTIONS', '/session', undefined, {
    ...headers,
    'access-control-request-method': 'POST',
  });
  const refusal = await client.call('POST', '/session', { name: 'Ada' }, headers);
  assert.deepEqual([preflight.status, refusal.status], [204, 503]);
  for (const answer of [preflight, refusal]) {
    assert.equal(answer.headers.get('access-control-allow-origin'), headers.origin);
  }
});

test('[P-1] what was asked before the server drains is answered: sends as committed, polls with no events', async (t) => {
  const store = new StatusStore();
  const asked: string[] = [];
  const server = await startSlowlyClosing(t, store, {
    authorize: (_user, operation) => asked.push(operation) > 0,
  });
  const ada = await ApiClient.join(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob', { room: 'garden' });
  const after = (await bob.users()).body.cursor;
  const commit = store.hold('append');
  try {
    const poll = bob.updates({ after, wait: 25 });
    const send = ada.send('last words', 'k1');
    await waitUntil(
      () => asked.includes('getUpdates') && store.calls.get('append') === 1,
      'the poll waits and the message is on its way',
    );
    await server.drain();
    const polled = await poll;
    assert.deepEqual([polled.status, polled.body.events], [200, []]);
    const closed = server.close();
    commit();
    const sent = await send;
    assert.deepEqual([sent.status, sent.headers.get('connection')], [201, 'close']);
    await closed;
  } finally {
    commit();
  }
});

test('who asks over an open connection while the server stops is refused in words, and the connection is closed', async (t) => {
  const server = await startServer({ SHUTDOWN_SECONDS: '5' });
  const kept = await RawConnection.open(server.port);
  const unused = await RawConnection.open(server.port);
  t.after(() => [kept, unused].map((connection) => connection.close()));
  // What the system has taken in and the server has not would be reset when it stops to listen.
  const taken = promisify(server.app.server.getConnections.bind(server.app.server));
  await waitUntil(async () => (await taken()) === 2, 'both connections are with the server');
  kept.request('GET /livez HTTP/1.1');
  assert.equal((await kept.answer()).headers.get('connection'), 'keep-alive');
  const closed = server.close();
  for (const connection of [kept, unused]) {
    connection.request('GET /v1/rooms HTTP/1.1');
    const { status, headers } = await connection.answer();
    assert.deepEqual([status, headers.get('connection')], [503, 'close']);
    await connection.waitForClose();
  }
  await closed;
});

test('a stream that was let through before the server drains is asked to come back, not forgotten', async (t) => {
  const store = new StatusStore();
  const server = await startSlowlyClosing(t, store);
  const load = store.hold('load');
  const feed = new ApiClient(server.url).feed();
  await waitUntil(() => store.calls.get('load') === 1, 'the feed waits for its room');
  await server.drain();
  load();
  assert.match((await (await feed).rest()).at(-1)?.data ?? '', /"reason":"unavailable"/);
  await server.close();
});

test('a store that is away is read; what it refuses says when to come back', async (t) => {
  const store = new StatusStore();
  const server = await startServer({}, { store });
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  store.become('away');
  for (const operation of ['append', 'openSession'] as const) store.fail(operation, 'before');
  for (const refusal of [await ada.send('hello'), await new ApiClient(server.url).create({ name: 'Bob' })]) {
    assertProblem(refusal, 503, 'unavailable');
    assert.equal(refusal.headers.get('retry-after'), '2');
  }
  assert.equal((await ada.updates()).status, 200);
  assert.deepEqual((await ada.users()).body.users, ['Ada']);
});

test('a connection whose answer is under way when the server closes is closed with it', async (t) => {
  const app = Fastify();
  await app.register(parlor, { config: parseConfig({ STORE_URL: 'memory:' }) });
  let asked: () => void = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let answer: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  app.get('/slow', async (_request, reply) => {
    // The head goes out as that of a connection that is kept.
    reply.raw.writeHead(200, { 'content-length': '2' });
    reply.raw.flushHeaders();
    asked();
    await answered;
    reply.hijack();
    reply.raw.end('ok');
  });
  const isClosing = new Promise<void>((resolve) => app.server.once('close', resolve));
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const connection = await RawConnection.open(Number(url.port));
  t.after(() => connection.socket.destroy());
  connection.request('GET /slow HTTP/1.1');
  await isAsked;
  const closed = app.close();
  await waitUntil(() => !app.server.listening, 'nobody is let in any more');
  answer();
  await connection.waitForClose();
  assert.match(connection.text, /ok$/);
  await Promise.all([closed, isClosing]);
});

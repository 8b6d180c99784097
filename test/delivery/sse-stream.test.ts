import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import Fastify from 'fastify';
import { parseConfig } from '../../src/config/config.ts';
import { parlor } from '../../src/plugin.ts';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const events = '/v1/rooms/lobby/session/events';

async function setUp(t: TestContext, ...args: Parameters<typeof startServer>) {
  const server = await startServer(...args);
  t.after(() => server.close());
  return server;
}

async function openRaw(t: TestContext, port: number): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  return connection;
}

/** Holds every `subscribe` back until it is let go. */
function gate() {
  let open = () => {};
  let reached = () => {};
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  const authorize = async (_user: unknown, operation: string) => {
    if (operation !== 'subscribe') return true;
    reached();
    await isOpen;
    return true;
  };
  return { hooks: { authorize }, isReached, open };
}

test('[FAN-1] over HTTP/1.1 a stream is well-formed chunks up to its clean end, and the connection goes on', async (t) => {
  const server = await setUp(t);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const connection = await openRaw(t, server.port);
  connection.request(`GET ${events} HTTP/1.1`, ada.credentials());
  await connection.waitFor('event: join');
  await ada.send('héllo 😀');
  await connection.waitFor('héllo 😀');
  await ada.destroy();
  const answer = await connection.answer();
  assert.equal(answer.status, 200);
  assert.equal(answer.framing, 'chunked');
  assert.ok(answer.chunks >= 4);
  assert.match(answer.body, /^retry: \d+\n\nevent: init\n/);
  assert.match(
    answer.body,
    /event: bye\ndata: \{"reason":"destroyed","action":"stop","reconnect":false\}\n\n$/,
  );
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  assert.equal(answer.headers.get('cache-control'), 'no-store, no-transform');
  assert.equal(answer.headers.get('x-accel-buffering'), 'no');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(connection.text, '');
  connection.request('GET /livez HTTP/1.1');
  assert.equal((await connection.answer()).status, 200);
});

test('over HTTP/1.0 a stream is not chunked and ends with its connection', async (t) => {
  const server = await setUp(t);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const connection = await openRaw(t, server.port);
  connection.request(`GET ${events} HTTP/1.0`, ada.credentials());
  await connection.waitFor('event: join');
  await ada.send('hello');
  await connection.waitFor('"message":"hello"');
  await ada.destroy();
  const answer = await connection.answer();
  assert.equal(answer.framing, 'close');
  assert.equal(answer.headers.get('connection'), 'close');
  assert.match(answer.body, /^retry: \d+\n\nevent: init\nid: [^\n]+\ndata: [^\n]+\n\nevent: join\n/);
  assert.match(answer.body, /event: bye\ndata: [^\n]+\n\n$/);
});

test('over HTTP/1.0 with TE: chunked head and body agree', async (t) => {
  const server = await setUp(t);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const connection = await openRaw(t, server.port);
  connection.request(`GET ${events} HTTP/1.0`, { ...ada.credentials(), te: 'chunked' });
  await connection.waitFor('event: join');
  await ada.destroy();
  const { body } = await connection.answer();
  assert.match(body, /^retry: \d+\n\nevent: init\n/);
  assert.match(body, /event: bye\ndata: [^\n]+\n\n$/);
});

test('fifty streams one after the other leave nothing behind on their one connection', async (t) => {
  const server = await setUp(t, { UPDATES_LIMIT: 'off', MAX_STREAMS_PER_SESSION: '1' });
  const sockets = new ServerSockets(server);
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const ada = await ApiClient.join(server.url, 'Ada');
  const url = `${server.url}${events}`;
  const counts: number[] = [];
  const ports = new Set<number | undefined>();
  for (let round = 0; round < 50; round++) {
    const reader = await SseReader.open(url, { headers: ada.credentials(), agent });
    const client = reader.response.socket;
    ports.add(client.localPort);
    const socket = sockets.of(client);
    await reader.expect('init');
    // Another stream ends this one: cleanly.
    const other = await ada.subscribe();
    assert.equal((await reader.rest()).at(-1)?.type, 'bye');
    counts.push(
      socket.listenerCount('drain') + socket.listenerCount('close') + socket.listenerCount('error'),
    );
    other.close();
    await once(other.response, 'close');
  }
  assert.equal(ports.size, 1);
  assert.equal(counts.at(-1), counts[0]);
  assert.deepEqual(warnings, []);
});

test('a stream asked for behind a request that waits is refused with 400, and the earlier answer is intact', async (t) => {
  const server = await setUp(t);
  const ada = await ApiClient.join(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob');
  const { cursor } = (await ada.users()).body;
  const connection = await openRaw(t, server.port);
  const updates = `/v1/rooms/lobby/session/updates?wait=25&after=${cursor}`;
  connection.request(`GET ${updates} HTTP/1.1`, ada.credentials());
  connection.request(`GET ${events} HTTP/1.1`, ada.credentials());
  connection.request('GET /v1/rooms/lobby/feed HTTP/1.1');
  connection.request('GET /livez HTTP/1.1');
  // An answer behind an unfinished one cannot be seen from outside; the first is finished by a message.
  await waitUntil(async () => {
    await bob.send('now');
    return connection.text !== '';
  }, 'the poll was answered');
  const poll = await connection.answer();
  assert.equal(poll.status, 200);
  assert.equal(JSON.parse(poll.body).events[0].message, 'now');
  for (const _operation of ['subscribe', 'feed']) {
    const refusal = await connection.answer();
    assert.equal(refusal.status, 400);
    assert.match(refusal.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const problem = JSON.parse(refusal.body);
    assert.equal(problem.code, 'invalid-request');
    assert.match(problem.detail, /pipelining/);
  }
  assert.equal((await connection.answer()).status, 200);
  assert.deepEqual(server.faults, []);
});

test('a request behind a stream is answered after its end; rubbish behind it cuts the connection and writes nothing into it', async (t) => {
  const server = await setUp(t);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const [polite, rude] = [await openRaw(t, server.port), await openRaw(t, server.port)];
  for (const connection of [polite, rude]) {
    connection.request(`GET ${events} HTTP/1.1`, ada.credentials());
    await connection.waitFor('event: init');
  }
  polite.request('GET /livez HTTP/1.1');
  rude.socket.write('rubbish\r\n\r\n');
  await rude.waitForClose();
  assert.ok(!rude.text.includes('400'));
  await ada.send('still here');
  await polite.waitFor('still here');
  assert.ok(!polite.text.includes('HTTP/1.1 200', 10));
  await ada.destroy();
  assert.match((await polite.answer()).body, /event: bye/);
  assert.equal((await polite.answer()).status, 200);
});

test('[SES-3] HEAD of a stream answers with its head, opens nothing and joins nobody', async (t) => {
  const opened: string[] = [];
  const server = await setUp(t, {}, { observer: { streamOpened: (room) => opened.push(room) } });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  for (const path of ['/session/events', '/feed']) {
    const { status, headers, body } = await ada.call<string>('HEAD', path);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/event-stream');
    assert.equal(headers.get('x-accel-buffering'), 'no');
    assert.equal(body, '');
  }
  assert.deepEqual(opened, []);
  assert.equal((await ada.getSession()).body.state, 'reserved');
});

test('[SES-3] a subscribe whose client is gone before the head is written never joins', async (t) => {
  const opened: string[] = [];
  const { hooks, isReached, open } = gate();
  const server = await setUp(t, {}, { hooks, observer: { streamOpened: (room) => opened.push(room) } });
  const sockets = new ServerSockets(server);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const connection = await openRaw(t, server.port);
  connection.request(`GET ${events} HTTP/1.1`, ada.credentials());
  await isReached;
  const socket = sockets.of(connection.socket);
  connection.close();
  await once(socket, 'close');
  open();
  const { status, body } = await ada.getSession();
  assert.equal(status, 200);
  assert.equal(body.state, 'reserved');
  assert.deepEqual(opened, []);
  assert.deepEqual(server.faults, []);
});

test('[SES-3] a client that ends its half before the head is as good as gone', async (t) => {
  const opened: string[] = [];
  const { hooks, isReached, open } = gate();
  const server = await setUp(t, {}, { hooks, observer: { streamOpened: (room) => opened.push(room) } });
  const sockets = new ServerSockets(server);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const connection = await openRaw(t, server.port);
  connection.request(`GET ${events} HTTP/1.1`, ada.credentials());
  await isReached;
  const socket = sockets.of(connection.socket);
  connection.socket.end();
  await waitUntil(() => socket.readableEnded || socket.destroyed, 'the server saw the end');
  open();
  await connection.waitForClose();
  assert.equal((await ada.getSession()).body.state, 'reserved');
  assert.deepEqual(opened, []);
  assert.deepEqual(server.faults, []);
});

test('[SES-5] a client that ends its half later, or resets the connection, ends its stream and not its session', async (t) => {
  const ended: string[] = [];
  const server = await setUp(t, {}, { observer: { streamEnded: (_room, reason) => ended.push(reason) } });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  for (const leave of ['end', 'resetAndDestroy', 'destroy'] as const) {
    const connection = await openRaw(t, server.port);
    connection.request(`GET ${events} HTTP/1.1`, ada.credentials());
    await connection.waitFor('event: init');
    const before = ended.length;
    connection.socket[leave]();
    await waitUntil(() => ended.length > before, `the stream ended by ${leave}`);
  }
  assert.deepEqual(ended, ['closed', 'closed', 'closed']);
  assert.equal((await ada.getSession()).body.state, 'joined');
  assert.deepEqual(server.faults, []);
});

test('a fault in opening a stream cuts the connection instead of hanging it, and is reported', async (t) => {
  const server = await setUp(t, { MAX_STREAMS_PER_IP: '1' });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  server.app.server.prependListener('request', (request, response) => {
    if (!request.url?.endsWith('/feed?last=1')) return;
    response.writeHead = () => {
      throw new Error('no head');
    };
  });
  for (let round = 0; round < 3; round++) {
    await assert.rejects(ada.feed('?last=1'), { code: 'ECONNRESET' });
  }
  assert.equal(server.faults.length, 3);
  // Each was counted off again.
  const reader = await ada.feed();
  await reader.expect('init');
  reader.close();
});

test('curl reads a stream to its clean end', async (t) => {
  if (!has(t, 'curl')) return;
  const server = await setUp(t);
  for (const version of ['--http1.1', '--http1.0']) {
    const bob = await ApiClient.join(server.url, 'Bob', { delivery: 'push' });
    const feed = await bob.feed();
    await feed.expect('init');
    const args = ['-sSN', version, '--max-time', '30', '-H', `Authorization: Bearer ${bob.token}`];
    const curl = promisify(execFile)('curl', [...args, `${server.url}${events}`]);
    await feed.expect('join');
    feed.close();
    await bob.send('from curl');
    await bob.destroy();
    const { stdout } = await curl;
    assert.match(stdout, /"message":"from curl"/);
    assert.match(stdout, /event: bye\ndata: \{"reason":"destroyed"[^\n]*\n\n$/);
  }
});

test('a stream goes over TLS like over TCP', async (t) => {
  if (!has(t, 'openssl')) return;
  const folder = mkdtempSync(join(tmpdir(), 'parlor-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes'];
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  execFileSync('openssl', ['req', '-x509', ...algorithm, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const app = Fastify({ https: { key: readFileSync(key), cert: readFileSync(cert) }, logger: false });
  await app.register(parlor, { config: parseConfig({ STORE_URL: 'memory:', SEND_LIMIT: 'off' }) });
  t.after(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const agent = new https.Agent({ rejectUnauthorized: false });
  t.after(() => agent.destroy());
  const created = await app.inject({
    method: 'POST',
    url: '/v1/rooms/lobby/session',
    payload: { name: 'Ada', delivery: 'push', credential: 'bearer' },
  });
  const headers = { authorization: `Bearer ${created.json().token}` };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) =>
    https.get({ port, host: '127.0.0.1', path: events, headers, agent }, resolve).on('error', reject),
  );
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await waitUntil(() => text.includes('event: join'), 'the join came');
  const long = 'x'.repeat(1_000);
  for (let count = 0; count < 40; count++) {
    const url = '/v1/rooms/lobby/session/messages';
    await app.inject({ method: 'POST', url, headers, payload: { message: `${count} ${long}` } });
  }
  await app.inject({ method: 'DELETE', url: '/v1/rooms/lobby/session', headers });
  await once(response, 'end');
  assert.ok(response.complete);
  const numbers = [...text.matchAll(/"message":"(\d+) x+"/g)].map(([, number]) => Number(number));
  assert.deepEqual(numbers, [...numbers.keys()]);
  assert.equal(numbers.length, 40);
  assert.match(text, /event: bye\ndata: [^\n]+\n\n$/);
});

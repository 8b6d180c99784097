import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { connect, exchange, parseAnswer, readAll, readUntil } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

test('what is no HTTP is refused as a problem, and the connection closed', async () => {
  const broken = [
    'GARBAGE\r\n\r\n',
    'GET /livez\r\n\r\n',
    'GET /livez HTTP/9.9\r\nHost: x\r\n\r\n',
    'GET /live z HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /livez HTTP/1.1\r\nHost : x\r\n\r\n',
    'GET /livez HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n',
    'GET /livez HTTP/1.1\r\nHost: x\r\n folded: y\rz\r\n\r\n',
    'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
    'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ];
  for (const bytes of broken) {
    const answer = await exchange(server.port, Buffer.from(bytes, 'latin1'));
    assertProblem(answer, 400, 'invalid-request');
    assert.equal(answer.headers.get('connection'), 'close');
  }
});

test('a chunk that is none ends a request that has begun with 400', async () => {
  const answer = await exchange(
    server.port,
    'POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
  );
  assertProblem(answer, 400, 'invalid-request');
});

test('HTTP/1.1 needs a Host; HTTP/1.0 does not', async () => {
  const { detail } = assertProblem(
    await exchange(server.port, 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'),
    400,
    'invalid-request',
  );
  assert.equal(detail, 'Expected a header Host; none was given.');
  assert.equal((await exchange(server.port, 'GET /livez HTTP/1.0\r\n\r\n')).status, 200);
});

test('a head over 16 KiB is refused with 431, be it headers or the address', async () => {
  for (const head of [
    `GET /livez HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(17_000)}\r\n\r\n`,
    `GET /livez?${'x'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /livez HTTP/1.1\r\nHost: x\r\n${'header: value\r\n'.repeat(2_000)}\r\n`,
  ]) {
    assertProblem(await exchange(server.port, head), 431, 'headers-too-large');
  }
});

test('a client that keeps its half of the connection open after its refusal is cut off', async () => {
  const accepted = once(server.app.server, 'connection');
  const socket = net.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  const [connection] = await accepted;
  const text: Promise<string> = readUntil(socket, /\}\n$/);
  socket.write('GARBAGE\r\n\r\n');
  assertProblem(parseAnswer(await text), 400, 'invalid-request');
  assert.equal(socket.writable, true);
  if (!connection.closed) await once(connection, 'close');
  socket.destroy();
});

test('the second request on a connection is refused like the first', async () => {
  const socket = await connect(server.port);
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await readUntil(socket, /alive/);
  const rest = readAll(socket);
  socket.write('GARBAGE\r\n\r\n');
  assertProblem(parseAnswer(await rest), 400, 'invalid-request');
});

test('garbage behind an open stream ends it, and nothing is written into it', async () => {
  const ada = await ApiClient.join(server.url, 'Ada');
  const socket = await connect(server.port);
  socket.write(
    `GET /v1/rooms/lobby/session/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`,
  );
  await readUntil(socket, /event: init/);
  const rest = readAll(socket);
  socket.write('GARBAGE\r\n\r\n');
  assert.doesNotMatch(await rest, /HTTP\/1\.1 400/);
});

test('Expect: 100-continue is followed, another expectation is refused', async () => {
  const body = '{"name":"Patient","credential":"bearer"}';
  const head = (expect: string) =>
    `POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nExpect: ${expect}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  const socket = await connect(server.port);
  socket.write(head('100-continue'));
  assert.match(await readUntil(socket, /\r\n\r\n/), /^HTTP\/1\.1 100 Continue\r\n/);
  const rest = readAll(socket);
  socket.write(body);
  assert.equal(parseAnswer(await rest).status, 201);

  const { detail } = assertProblem(await exchange(server.port, head('a miracle')), 400, 'invalid-request');
  assert.equal(detail, 'Expect: expected 100-continue; got "a miracle".');
});

test('addresses that are none are refused', async () => {
  for (const path of ['/v1/rooms/%zz', '/v1/rooms/%', '/v1/rooms/%ff/history', '/%c3', '/assets/%zz']) {
    const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    const { detail } = assertProblem(await exchange(server.port, request), 400, 'invalid-request');
    assert.equal(detail, 'The address is not a well-formed URL.');
  }
});

test('an odd target is no fault of the server', async () => {
  for (const target of [
    '*',
    'http://elsewhere.example/livez',
    '//livez',
    '/a/../livez',
    '/?%ff&%zz=%zz',
    '/#x',
  ]) {
    const answer = await exchange(
      server.port,
      `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    assert.ok(answer.status < 500, `${target}: ${answer.status}`);
  }
});

test('CONNECT and Upgrade get no connection of another kind', async () => {
  const socket = await connect(server.port);
  socket.write('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n');
  assert.doesNotMatch(await readAll(socket), /HTTP\/1\.1 2/);
  const upgraded = await exchange(
    server.port,
    'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
  );
  assert.equal(upgraded.status, 200);
});

// Node looks for late requests every two seconds; all of these wait at the same time.
describe('a request that does not arrive within ten seconds', { concurrency: true }, () => {
  const partial: [what: string, bytes: string][] = [
    ['half a head', 'GET /livez HTTP/1.1\r\nHost: x\r\n'],
    [
      'half a body',
      'POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name"',
    ],
    [
      'half a body of chunks',
      'POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"nam\r\n',
    ],
  ];
  for (const [what, bytes] of partial) {
    test(`is refused with 408: ${what}`, async () => {
      assertProblem(await exchange(server.port, bytes), 408, 'request-timeout');
    });
  }

  test('is refused with 408: a body that drips', async () => {
    const socket = await connect(server.port);
    const all = readAll(socket);
    socket.write(
      'POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
    );
    const drip = setInterval(() => socket.write(' '), 500);
    const text = await all;
    clearInterval(drip);
    assertProblem(parseAnswer(text), 408, 'request-timeout');
  });

  test('leaves a waiting poll and a stream alone, which have arrived', async () => {
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.updates();
    const stream = await bob.subscribe();
    await stream.expect('init');
    const { status, body } = await bob.updates({ wait: 13 });
    assert.deepEqual([status, body.events], [200, []]);
    assert.equal(stream.isEnded, false);
    stream.close();
    await once(stream.response, 'close');
  });
});

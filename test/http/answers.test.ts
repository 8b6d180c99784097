import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { ApiClient } from '../support/api-client.ts';
import { connect, exchange, readUntil } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let ada: ApiClient;
before(async () => {
  server = await startServer({ SEND_LIMIT: 'off', UPDATES_LIMIT: 'off', READ_LIMIT: 'off' });
  ada = await ApiClient.join(server.url, 'Ada');
  for (let i = 0; i < 20; i++) await ada.send(`message number ${i} ${'ü'.repeat(40)}`);
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

test('an empty getUpdates answer has at most 320 bytes, head and body', async () => {
  await ada.updates();
  const socket = await connect(server.port);
  socket.write(
    `GET /v1/rooms/lobby/session/updates HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`,
  );
  const answer = await readUntil(socket, /\}\n$/);
  socket.destroy();
  assert.match(answer, /\{"events":\[\],"cursor":"[^"]+","more":false\}\n$/);
  assert.ok(Buffer.byteLength(answer) <= 320, `${Buffer.byteLength(answer)} bytes:\n${answer}`);
});

test('answers of the API carry no header that they do not need', async () => {
  const needed = [
    'cache-control',
    'connection',
    'content-length',
    'content-type',
    'date',
    'keep-alive',
    'x-content-type-options',
  ];
  const answers = [
    await ada.getSession(),
    await ada.users(),
    await ada.updates(),
    await ada.send('x'),
    await ada.ping(),
    await ada.call('GET', ''),
    await ada.call('GET', '/../../rooms'),
    await new ApiClient(server.url).getSession(),
  ];
  for (const { status, headers } of answers) {
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    const extra = [...headers.keys()].filter((name) => !needed.includes(name));
    assert.deepEqual(extra, status === 401 ? ['www-authenticate'] : []);
  }
});

const large = '/v1/rooms/lobby/history';

test('JSON over 1 KiB is compressed as the client accepts it, and caches are told', async () => {
  const plain = await get(large);
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.ok(plain.body.length > 1024);
  const unpack = { br: brotliDecompressSync, gzip: gunzipSync, deflate: inflateSync };
  const accepts: [header: string, encoding: keyof typeof unpack | undefined][] = [
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br', 'br'],
    ['deflate', 'deflate'],
    ['gzip;q=1, br;q=0', 'gzip'],
    ['identity', undefined],
    ['compress', undefined],
  ];
  for (const [header, encoding] of accepts) {
    const { status, headers, body } = await get(large, { 'accept-encoding': header });
    assert.equal(status, 200);
    assert.equal(headers['content-encoding'], encoding, header);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    if (encoding === undefined) {
      assert.deepEqual(body, plain.body);
      continue;
    }
    assert.match(headers.vary ?? '', /accept-encoding/i);
    assert.ok(body.length < plain.body.length / 2);
    assert.deepEqual(unpack[encoding](body), plain.body);
  }
  const byPage = await get(large, { 'accept-encoding': 'gzip', origin: 'https://page.example' });
  assert.equal(byPage.headers['access-control-allow-origin'], '*');
});

test('what is small is not compressed', async () => {
  const { headers } = await get('/v1/rooms/lobby', { 'accept-encoding': 'gzip' });
  assert.equal(headers['content-encoding'], undefined);
});

test('bytes count, not characters', async () => {
  const { body } = await ada.updates({ after: '0' });
  const json = (count: number) => JSON.stringify({ ...body, events: body.events.slice(0, count) });
  let count = 1;
  while (Buffer.byteLength(json(count)) <= 1024) count += 1;
  assert.ok(json(count).length < 1024, 'fewer characters than bytes');
  const { headers } = await get(`/v1/rooms/lobby/history?after=0&limit=${count}`, {
    'accept-encoding': 'gzip',
  });
  assert.equal(headers['content-encoding'], 'gzip');
});

test('streams are never compressed', async () => {
  for (const stream of [
    await ada.subscribe('?after=0', { 'accept-encoding': 'gzip, br' }),
    await ada.feed('?last=1000', { 'accept-encoding': 'gzip, br' }),
  ]) {
    assert.equal(stream.response.headers['content-encoding'], undefined);
    assert.ok(['join', 'init'].includes((await stream.next())?.type ?? ''));
    stream.close();
  }
});

test('HTTP/1.0 is answered and the connection closed', async () => {
  const answer = await exchange(server.port, `GET ${large} HTTP/1.0\r\n\r\n`);
  assert.equal(answer.status, 200);
});

function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: http.IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    http
      .get(`${server.url}${path}`, { headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      })
      .on('error', reject);
  });
}

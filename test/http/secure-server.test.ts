import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import type { AppParts } from '../../src/app.ts';
import type { Authenticator } from '../../src/core/authenticator.ts';
import { Authority, type Pair } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { has } from '../support/needs.ts';
import { connect, exchange, readAll, readUntil } from '../support/raw-http.ts';
import { agentOf, ask, joinSecurely } from '../support/secure-client.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const room = '/v1/rooms/lobby';
const lookEveryMs = 5_000;

interface SetUp {
  readonly options?: Record<string, string>;
  readonly parts?: Partial<AppParts>;
  readonly pair?: Pair;
}

async function setUp(t: TestContext, { options = {}, parts = {}, pair }: SetUp = {}) {
  const authority = await Authority.create(t);
  const { cert, key } = pair ?? (await authority.server());
  const server = await startServer({ TLS_CERT: cert, TLS_KEY: key, ...options }, parts);
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  const agent = agentOf(t, { ca: authority.texts.cert });
  return { ...server, authority, agent };
}

const without = (t: TestContext) => !has(t, 'openssl');

test('cookies are for HTTPS and this host alone, and only its HTTPS pages are its own', async (t) => {
  if (without(t)) return;
  const { url, agent } = await setUp(t);
  assert.match(url, /^https:/);
  const { host } = new URL(url);
  const create = (headers: Record<string, string>) =>
    ask(agent, `${url}${room}/session`, { body: { name: 'Ada' }, headers });
  assert.equal((await create({ origin: `http://${host}` })).status, 403);
  const created = await create({ origin: `https://${host}` });
  assert.equal(created.status, 201);
  const [cookie = ''] = created.headers.getSetCookie();
  assert.match(cookie, /^__Host-parlor-lobby=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const headers = { cookie: cookie.split(';')[0] ?? '' };
  assert.equal((await ask(agent, `${url}${room}/session`, { headers })).status, 200);
});

test('whoever speaks plain HTTP is told so in plain text, and cut off', async (t) => {
  if (without(t)) return;
  const { port } = await setUp(t);
  for (const request of [
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
    'HEAD / HTTP/1.0\r\n\r\n',
  ]) {
    const { status, text, headers } = await exchange(port, request);
    assert.deepEqual([status, text], [400, 'This port speaks HTTPS: begin the address with https://\n']);
    assert.equal(headers.get('connection'), 'close');
  }
  const stranger = await connect(port);
  stranger.write('DELETE / HTTP/1.1\r\nHost: x\r\n\r\n');
  await readAll(stranger);
});

test('old protocols and ciphers without forward secrecy or authentication are refused', async (t) => {
  if (without(t)) return;
  const { port, authority } = await setUp(t);
  const shake = async (options: tls.ConnectionOptions): Promise<string> => {
    const ca = authority.texts.cert;
    const socket = tls.connect({ port, host: '127.0.0.1', ca, ...options });
    t.after(() => socket.destroy());
    try {
      await once(socket, 'secureConnect');
      return `${socket.getProtocol()} ${socket.getCipher().name}`;
    } catch {
      return 'refused';
    }
  };
  const v1 = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
  assert.equal(await shake(v1), 'refused');
  const v12 = { maxVersion: 'TLSv1.2' } as const;
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA']) {
    assert.equal(await shake({ ...v12, ciphers }), 'refused', ciphers);
  }
  assert.match(await shake(v12), /^TLSv1\.2 ECDHE-ECDSA-/);
  assert.match(await shake({}), /^TLSv1\.3 TLS_/);
});

test('[FAN-6] what goes on over TLS, or is about to, holds up no shutdown', async (t) => {
  if (without(t)) return;
  const { url, port, agent, app } = await setUp(t);
  const { token } = await joinSecurely(agent, url, { name: 'Ada' });
  const headers = { authorization: `Bearer ${token}` };
  const stream = await SseReader.open(`${url}${room}/session/events`, { headers, agent });
  await stream.expect('init');
  const poll = ask(agent, `${url}${room}/session/updates?wait=25`, { headers });
  const silent = await connect(port);
  const unused = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  unused.on('error', () => {});
  await once(unused, 'secureConnect');
  const ends = [readAll(silent), once(unused.resume(), 'close')];
  // Answered after what was sent before it has come.
  await ask(agent, `${url}/livez`);
  await app.close();
  await Promise.all(ends);
  assert.equal((await poll).status, 200);
  assert.match((await stream.rest()).at(-1)?.data ?? '', /"reason":"shutdown"/);
});

test('[FAN-6] a request that is worked on while the server closes has its answer, over TLS too', async (t) => {
  if (without(t)) return;
  const decisions: (() => void)[] = [];
  const authenticator: Authenticator = {
    authenticate: async ({ name = '' }) => {
      await new Promise<void>((resolve) => decisions.push(resolve));
      return { name, user: null };
    },
  };
  const { url, agent, app } = await setUp(t, { options: { AUTH_TIMEOUT: '60' }, parts: { authenticator } });
  const joining = joinSecurely(agent, url, { name: 'Ada' });
  await waitUntil(() => decisions.length === 1, 'the authenticator was asked');
  const closing = app.close();
  await waitUntil(() => !app.server.listening, 'the server takes no more connections');
  for (const decide of decisions) decide();
  // An answer, whatever it says, and no cut.
  assert.ok([201, 503].includes((await joining).status));
  await closing;
});

test('[FAN-3] a stream that stops reading ends as slow, with a bounded queue, and one beside it gets everything', async (t) => {
  if (without(t)) return;
  const ended: string[] = [];
  const options = {
    SEND_LIMIT: 'off',
    MAX_MESSAGE_BYTES: '64KiB',
    HISTORY_BYTES: '64MiB',
    SLOW_CLIENT_SECONDS: '1',
    SLOW_CLIENT_BYTES: '256KiB',
  };
  const parts = { observer: { streamEnded: (_room: string, reason: string) => ended.push(reason) } };
  const { url, agent, app } = await setUp(t, { options, parts });
  const sockets = new Set<tls.TLSSocket>();
  app.server.on('secureConnection', (socket: tls.TLSSocket) => sockets.add(socket));
  const { token } = await joinSecurely(agent, url, { name: 'Ada' });
  const headers = { authorization: `Bearer ${token}` };
  const message = 'x'.repeat(60_000);
  const send = () => ask(agent, `${url}${room}/session/messages`, { headers, body: { message } });
  // 24 MB: more than what the kernels take for one connection.
  for (let count = 0; count < 400; count++) assert.equal((await send()).status, 201);
  const stalled = await SseReader.open(`${url}${room}/feed?after=0`, { agent });
  t.after(() => stalled.close());
  stalled.pause();
  const reader = await SseReader.open(`${url}${room}/feed`, { agent });
  await reader.expect('init');
  let queued = 0;
  await waitUntil(async () => {
    await send();
    await reader.expect('message');
    for (const socket of sockets) queued = Math.max(queued, socket.writableLength);
    return ended.length > 0;
  }, 'the slow stream was ended');
  assert.deepEqual(ended, ['slow']);
  assert.ok(queued > 0 && queued <= 256 * 1024 + 2 * message.length, `${queued} bytes were queued`);
  reader.close();
});

test('[P-3] where places are short, the secure connection that is idle longest makes room', async (t) => {
  if (without(t)) return;
  const clock = new FakeClock();
  const { port } = await setUp(t, { parts: { clock, descriptors: 16 } });
  const open = async () => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.race([new Promise((resolve) => socket.once('secureConnect', resolve)), closed]);
    const ask = async () => {
      socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.match(await readUntil(socket, /alive/), /^HTTP\/1\.1 200 /);
      clock.advance(1);
    };
    return { ask, closed };
  };
  // As many as there may be.
  const [first, ...others] = [await open(), await open(), await open(), await open()];
  for (const connection of [first, ...others]) await connection.ask();
  clock.advance(5_000);
  for (const connection of others) await connection.ask();
  await (await open()).closed;
  await first.closed;
  for (const connection of [await open(), ...others]) await connection.ask();
});

async function servedBy(t: TestContext, port: number, ca: string): Promise<string> {
  const socket = tls.connect({ port, host: '127.0.0.1', ca });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

test('a certificate that is replaced is taken without a restart, and open streams go on', async (t) => {
  if (without(t)) return;
  const authority = await Authority.create(t);
  const [first, second] = [await authority.server('first'), await authority.server('second')];
  const folder = temporaryFolder(t);
  const [TLS_CERT, TLS_KEY] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const put = ({ cert, key }: Pair) => {
    copyFileSync(cert, TLS_CERT);
    copyFileSync(key, TLS_KEY);
  };
  put(first);
  const clock = new FakeClock();
  // Of its wall, which only stamps events, certificates know nothing.
  clock.stepWall(Date.now() + 60_000 - clock.wall());
  const warnings: string[] = [];
  const server = await startServer(
    { TLS_CERT, TLS_KEY, HEARTBEAT: '3600', SESSION_TIMEOUT: 'off' },
    { clock, warn: (line) => warnings.push(line) },
  );
  t.after(() => server.close());
  const ca = authority.texts.cert;
  const agent = agentOf(t, { ca });
  const served = () => servedBy(t, server.port, ca);
  const becomes = (name: string) =>
    waitUntil(async () => {
      clock.advance(lookEveryMs);
      return (await served()) === name;
    }, `${name} is served`);
  const { token } = await joinSecurely(agent, server.url, { name: 'Ada' });
  const headers = { authorization: `Bearer ${token}` };
  const stream = await SseReader.open(`${server.url}${room}/feed`, { agent });
  await stream.expect('init');

  assert.equal(await served(), 'first');
  // One after the other, and looked at in between.
  copyFileSync(second.cert, TLS_CERT);
  clock.advance(lookEveryMs);
  for (let times = 0; times < 3; times++) assert.equal(await served(), 'first');
  copyFileSync(second.key, TLS_KEY);
  await becomes('second');
  assert.deepEqual(warnings, []);

  // A key of another certificate, for as long as it stays so.
  copyFileSync(first.key, TLS_KEY);
  await waitUntil(() => {
    clock.advance(lookEveryMs);
    return warnings.length > 0;
  }, 'it is told');
  for (let look = 0; look < 5; look++) {
    clock.advance(lookEveryMs);
    assert.equal(await served(), 'second');
  }
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /^TLS_KEY: the key in "[^"]+" is not that of the first certificate in "[^"]+" \(TLS_CERT\)\. What was there before goes on to count\.$/,
  );
  put(first);
  await becomes('first');

  await ask(agent, `${server.url}${room}/session/messages`, { headers, body: { message: 'still here' } });
  assert.match((await stream.expect('message')).data, /still here/);
  stream.close();
});

test('what cannot be used stops the start in one line that says why', async (t) => {
  if (without(t)) return;
  const authority = await Authority.create(t);
  const [own, other] = [await authority.server(), await authority.server('other')];
  const empty = join(temporaryFolder(t), 'empty.pem');
  writeFileSync(empty, '');
  const broken = `${empty}.broken`;
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const sound = { TLS_CERT: own.cert, TLS_KEY: own.key };
  for (const [options, line] of [
    [{ TLS_CERT: `${own.cert}.not` }, /^TLS_CERT: "[^"]+" cannot be read \(it is not there\)\.$/],
    [{ TLS_CERT: temporaryFolder(t) }, /^TLS_CERT: "[^"]+" cannot be read \(it is no file\)\.$/],
    [{ TLS_CERT: empty }, /^TLS_CERT: "[^"]+" has no certificate in PEM\.$/],
    [{ TLS_CERT: own.key }, /^TLS_CERT: "[^"]+" has no certificate in PEM\.$/],
    [{ TLS_CERT: broken }, /^TLS_CERT: certificate 1 in "[^"]+" cannot be understood \([^)]+\)\.$/],
    [
      { TLS_KEY: own.cert },
      /^TLS_KEY: expected "[^"]+" to have a private key in PEM, without a passphrase\.$/,
    ],
    [{ TLS_KEY: other.key }, /^TLS_KEY: the key in "[^"]+" is not that of the first certificate/],
    [{ TLS_CLIENT_CA: empty }, /^TLS_CLIENT_CA: "[^"]+" has no certificate in PEM\.$/],
    [{ TLS_KEY: '' }, /^TLS_KEY: expected the path of a file, as TLS_CERT is set; got none\.$/],
    [{ TLS_CERT: '' }, /^TLS_CERT: expected the path of a file, as TLS_KEY is set; got none\.$/],
    [
      { TLS_CERT: '', TLS_KEY: '', TLS_CLIENT_CA: authority.cert },
      /^TLS_CLIENT_CA: expected TLS_CERT and TLS_KEY beside it; got neither\.$/,
    ],
  ] as const) {
    await assert.rejects(startServer({ ...sound, ...options }), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, line);
      return true;
    });
  }
});

test('a certificate that has expired is told, and served all the same', async (t) => {
  if (without(t)) return;
  const authority = await Authority.create(t);
  const pair = await authority.server('old', { days: -1 });
  const warnings: string[] = [];
  const { port } = await setUp(t, { pair, parts: { warn: (line) => warnings.push(line) } });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^TLS_CERT: .+ has expired \(\d{4}-\d\d-\d\d\): clients refuse it\.$/);
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.destroy();
});

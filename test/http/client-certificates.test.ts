import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import type { AppParts } from '../../src/app.ts';
import { Authority, type Pair } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { listening } from '../support/listening.ts';
import { has } from '../support/needs.ts';
import { readAll } from '../support/raw-http.ts';
import { agentOf, ask, joinSecurely } from '../support/secure-client.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const room = '/v1/rooms/lobby';
const session = `${room}/session`;
const day = 24 * 3_600_000;
const lookEveryMs = 5_000;

async function setUp(t: TestContext, options: Record<string, string> = {}, parts: Partial<AppParts> = {}) {
  const [own, people] = [await Authority.create(t, 'own'), await Authority.create(t, 'people')];
  const { cert, key } = await own.server();
  const server = await startServer(
    { AUTH: 'certificate', TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: people.cert, ...options },
    parts,
  );
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  const ca = own.texts.cert;
  const holding = (pair?: Pair) => agentOf(t, { ca, ...pair?.texts });
  return { ...server, people, ca, holding };
}

async function userOf(agent: ReturnType<typeof agentOf>, url: string, token: string): Promise<unknown> {
  const { body } = await ask(agent, `${url}${session}`, { headers: { authorization: `Bearer ${token}` } });
  return Object(body).user;
}

test('a certificate says who comes in; without one, or with one that does not count, nobody does', async (t) => {
  if (!has(t, 'openssl')) return;
  const { url, people, holding } = await setUp(t);
  const strangers = await Authority.create(t, 'strangers');
  const ada = holding(await people.issue('ada', { subject: '/O=Example/CN=Ada' }));
  const joined = await joinSecurely(ada, url, { name: 'Somebody else' });
  assert.equal(joined.status, 201);
  assert.deepEqual(await userOf(ada, url, joined.token), { id: 'certificate:CN=Ada,O=Example', name: 'Ada' });
  for (const [pair, status, detail] of [
    [undefined, 401, /^This room asks for a certificate\.$/],
    [
      await strangers.issue('eve', { subject: '/O=Example/CN=Ada' }),
      403,
      /is of no authority that is trusted/,
    ],
    [await people.issue('old', { days: -1 }), 403, /has expired \(\d{4}-\d\d-\d\d\)/],
    [await people.issue('host', { usage: 'serverAuth' }), 403, /or not one for clients/],
    [
      await people.issue('long', { subject: `/CN=${'x'.repeat(33)}` }),
      422,
      /^The common name \(CN\) of your/,
    ],
  ] as const) {
    const agent = holding(pair);
    const { status: got, body } = await joinSecurely(agent, url, { name: 'Ada' });
    assert.equal(got, status, JSON.stringify(body));
    assert.match(String(Object(body).detail), detail);
    // It opens for everybody, to say so.
    assert.equal((await ask(agent, `${url}/`)).status, 200);
  }
  const { body } = await ask(ada, `${url}${room}/login`);
  assert.deepEqual([Object(body).takes, Object(body).given], [['certificate'], true]);
});

test('one user with two certificates is one user, who takes himself over; two with one name are two', async (t) => {
  if (!has(t, 'openssl')) return;
  const { url, people, holding } = await setUp(t, { CERTIFICATE_USER: 'san:email' });
  const issue = async (file: string, email: string) =>
    holding(await people.issue(file, { subject: '/CN=Ada', names: `email:${email}` }));
  const first = await issue('first', 'ada@example.org');
  const renewed = await issue('renewed', 'ada@example.org');
  const other = await issue('other', 'ada@example.com');
  const { token } = await joinSecurely(first, url, {});
  assert.equal((await joinSecurely(other, url, {})).status, 409);
  assert.equal((await joinSecurely(renewed, url, {})).status, 201);
  const { status, body } = await ask(first, `${url}${session}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.deepEqual([status, Object(body).reason], [410, 'taken-over']);
});

test('where others come in as they like, only those without a certificate choose their names', async (t) => {
  if (!has(t, 'openssl')) return;
  const { url, people, holding } = await setUp(t, { AUTH: 'certificate,open' });
  const [ada, nobody] = [holding(await people.issue('ada', { subject: '/CN=Ada' })), holding()];
  const named = await joinSecurely(ada, url, { name: 'Bob' });
  assert.equal(Object(named.body).name, 'Ada');
  const free = await joinSecurely(nobody, url, { name: 'Bob' });
  assert.equal(Object(free.body).name, 'Bob');
  assert.equal(await userOf(nobody, url, free.token), null);
});

test('headers are not believed, and what a proxy passes on is not from whoever has its certificate', async (t) => {
  if (!has(t, 'openssl')) return;
  const { url, people, holding } = await setUp(t, { TRUST_PROXY: '127.0.0.1' });
  const pair = await people.issue('proxy');
  const create = (agent: ReturnType<typeof agentOf>, headers: Record<string, string>) =>
    ask(agent, `${url}${session}`, { body: { name: 'Ada' }, headers });
  const said = {
    'x-client-cert': encodeURIComponent(pair.texts.cert),
    'x-ssl-client-s-dn': 'CN=Ada',
    'ssl-client-verify': 'SUCCESS',
    'client-cert': `:${Buffer.from(pair.texts.cert).toString('base64')}:`,
  };
  assert.equal((await create(holding(), said)).status, 401);
  for (const name of ['x-forwarded-for', 'forwarded', 'via']) {
    assert.equal((await create(holding(pair), { [name]: '192.0.2.1' })).status, 401, name);
  }
});

/** Creates a session over a connection of its own, which resumes an earlier one if it can. */
async function createOver(port: number, options: tls.ConnectionOptions) {
  const socket = tls.connect({ port, host: '127.0.0.1', ...options });
  socket.on('error', () => {});
  let ticket: Buffer | undefined;
  socket.on('session', (session) => {
    ticket = session;
  });
  await once(socket, 'secureConnect');
  const isReused = socket.isSessionReused();
  const head = ['Host: x', 'Connection: close', 'Content-Type: application/json', 'Content-Length: 23'];
  socket.write(`POST ${session} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n{"credential":"bearer"}`);
  return { isReused, ticket: () => ticket, answer: () => readAll(socket) };
}

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${maxVersion}: a resumed connection has the certificate of the first, and none if it had none`, async (t) => {
    if (!has(t, 'openssl')) return;
    const { port, people, ca } = await setUp(t);
    const ada = (await people.issue('ada', { subject: '/CN=Ada' })).texts;
    for (const [own, status] of [
      [ada, 201],
      [{}, 401],
    ] as const) {
      const first = await createOver(port, { ca, maxVersion, ...own });
      assert.match(await first.answer(), new RegExp(`^HTTP/1.1 ${status} `));
      const session = first.ticket();
      assert.ok(session, 'the server gave a ticket');
      // It does not even have to show the certificate again.
      const second = await createOver(port, { ca, maxVersion, session });
      assert.equal(second.isReused, true);
      assert.match(await second.answer(), new RegExp(`^HTTP/1.1 ${status} `));
    }
  });
}

test('once its authority is trusted no more, a certificate counts for nothing, on resumed connections too', async (t) => {
  if (!has(t, 'openssl')) return;
  const [people, others] = [await Authority.create(t, 'people'), await Authority.create(t, 'others')];
  const TLS_CLIENT_CA = join(temporaryFolder(t), 'ca.pem');
  copyFileSync(people.cert, TLS_CLIENT_CA);
  const clock = new FakeClock();
  clock.stepWall(Date.now() + 60_000 - clock.wall());
  const { port, ca } = await setUp(t, { TLS_CLIENT_CA, SESSION_TIMEOUT: 'off' }, { clock });
  const ada = (await people.issue('ada', { subject: '/CN=Ada' })).texts;
  const first = await createOver(port, { ca, ...ada });
  assert.match(await first.answer(), /^HTTP\/1\.1 201 /);
  const session = first.ticket();
  assert.ok(session);
  copyFileSync(others.cert, TLS_CLIENT_CA);
  await waitUntil(async () => {
    clock.advance(lookEveryMs);
    return /^HTTP\/1\.1 403 /.test(await (await createOver(port, { ca, ...ada })).answer());
  }, 'the authority counts no more');
  const second = await createOver(port, { ca, ...ada, session });
  assert.equal(second.isReused, false);
  assert.match(await second.answer(), /^HTTP\/1\.1 403 /);
});

test('a session ends with its certificate', async (t) => {
  if (!has(t, 'openssl')) return;
  const clock = new FakeClock();
  clock.stepWall(Date.now() + 60_000 - clock.wall());
  const { url, people, holding } = await setUp(t, { SESSION_TIMEOUT: 'off', HEARTBEAT: '3600' }, { clock });
  const ada = holding(await people.issue('ada'));
  const { token } = await joinSecurely(ada, url, {});
  const headers = { authorization: `Bearer ${token}` };
  const stream = await SseReader.open(`${url}${session}/events`, { headers, agent: ada });
  await stream.expect('init');
  clock.stepWall(day);
  clock.advance(2_000);
  assert.match((await stream.rest()).at(-1)?.data ?? '', /"reason":"expired"/);
  const { status, body } = await joinSecurely(ada, url, {});
  assert.deepEqual([status, /has expired/.test(String(Object(body).detail))], [403, true]);
});

test('a webhook is told of the certificate, and decides itself what it thinks of it', async (t) => {
  if (!has(t, 'openssl')) return;
  const questions: unknown[] = [];
  const door = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    questions.push(JSON.parse(text).certificate);
    response.end('{"accept":true,"id":"7","name":"Ada"}');
  });
  const { url, people, holding } = await setUp(t, { AUTH: `webhook:${await listening(t, door)}/` });
  const strangers = await Authority.create(t, 'strangers');
  const wanted = { subject: '/CN=Ada', names: 'email:ada@example.org' };
  for (const pair of [await people.issue('ada', wanted), await strangers.issue('eve', wanted), undefined]) {
    assert.equal((await joinSecurely(holding(pair), url, {})).status, 201);
  }
  const [first, second, third] = questions.map((question) => Object(question));
  assert.equal(first.subject, 'CN=Ada');
  assert.deepEqual(first.names, [{ type: 'email', value: 'ada@example.org' }]);
  assert.match(first.fingerprint, /^[0-9A-F:]{95}$/);
  assert.deepEqual([first.trusted, second.trusted, third.trusted], [true, false, undefined]);
});

test('without authorities to trust, AUTH=certificate does not start', async () => {
  await assert.rejects(startServer({ AUTH: 'certificate,open' }), {
    message: 'AUTH: certificate expects TLS_CLIENT_CA beside TLS_CERT and TLS_KEY; got none.',
  });
});

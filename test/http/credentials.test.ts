import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { ApiClient } from '../support/api-client.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { assertProblem } from '../support/problem.ts';
import { exchange } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({
    ROOMS: 'lobby,other',
    TRUST_PROXY: '127.0.0.1',
    READ_LIMIT: 'off',
    CREATE_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
  });
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

/** Every operation of a session's own, with what it needs. */
const operations: [method: string, path: string, body: unknown, status: number][] = [
  ['GET', '/session', undefined, 200],
  ['HEAD', '/session', undefined, 200],
  ['POST', '/session/ping', undefined, 204],
  ['GET', '/session/users', undefined, 200],
  ['HEAD', '/session/users', undefined, 200],
  ['GET', '/session/updates', undefined, 200],
  ['HEAD', '/session/updates', undefined, 200],
  ['POST', '/session/messages', { message: 'hello' }, 201],
  ['HEAD', '/session/events', undefined, 200],
  ['DELETE', '/session', undefined, 204],
];
let guests = 0;

async function guest(kind: 'bearer' | 'cookie'): Promise<ApiClient> {
  const name = `Guest ${++guests}`;
  return kind === 'bearer' ? ApiClient.join(server.url, name) : ApiClient.joinWithCookie(server.url, name);
}

for (const kind of ['bearer', 'cookie'] as const) {
  test(`every operation of a session takes its ${kind}`, async () => {
    const client = await guest(kind);
    for (const [method, path, body, status] of operations) {
      const answer = await client.call(method, path, body);
      assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    }
    const stream = await (await guest(kind)).subscribe();
    assert.equal(stream.status, 200);
    stream.close();
  });
}

test('without a credential every operation is refused with 401', async () => {
  const nobody = new ApiClient(server.url);
  for (const [method, path, body] of [...operations, ['GET', '/session/events', undefined]] as const) {
    const answer = await nobody.call(method, path, body);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    if (method === 'HEAD') assert.equal(answer.status, 401);
    else assertProblem(answer, 401, 'credentials-required');
  }
});

test('an unknown token is refused with 410, which leaves the cookie alone [SES-9]', async () => {
  for (const token of ['x', 'A'.repeat(43), `${'A'.repeat(43)}=`, '%00', 'ü', '{"a":1}', "';--"]) {
    const authorization = Buffer.from(`Bearer ${token}`).toString('latin1');
    const byBearer = await new ApiClient(server.url).call('GET', '/session', undefined, { authorization });
    const { reason } = assertProblem(byBearer, 410, 'session-gone');
    assert.equal(reason, undefined, 'nobody knows why what never was has ended');
    assert.equal(byBearer.headers.get('set-cookie'), null);
  }
  for (const [method, path, body] of operations) {
    const byCookie = await new ApiClient(server.url).call(method, path, body, { cookie: 'parlor-lobby=x' });
    assert.equal(byCookie.status, 410);
    assert.deepEqual(byCookie.headers.getSetCookie(), []);
  }
});

test('a late 410 of an old session does not cost a browser the session it has created since [SES-9]', async () => {
  const old = await guest('cookie');
  const stale = old.credentials();
  await old.destroy();
  const { headers } = await old.create({ name: 'Newer', credential: 'cookie' });
  const [set = ''] = headers.getSetCookie();
  const late = await new ApiClient(server.url).call('GET', '/session/updates', undefined, stale);
  assert.equal(assertProblem(late, 410, 'session-gone').reason, 'destroyed');
  assert.deepEqual(late.headers.getSetCookie(), [], 'nothing takes the place of the newer cookie');
  const cookie = set.split(';')[0] ?? '';
  assert.equal((await new ApiClient(server.url).call('GET', '/session', undefined, { cookie })).status, 200);
});

test('a dead cookie does not keep its browser from creating anew', async () => {
  const { status, headers } = await new ApiClient(server.url).call(
    'POST',
    '/session',
    { name: 'Revenant', credential: 'cookie' },
    { cookie: 'parlor-lobby=dead' },
  );
  assert.equal(status, 201);
  assert.match(headers.getSetCookie().join(), /^parlor-lobby=[A-Za-z0-9_-]{43};/);
});

test('destroy clears the cookie', async () => {
  const { headers } = await (await guest('cookie')).destroy();
  assert.deepEqual(headers.getSetCookie(), ['parlor-lobby=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
});

test('a token is good for its own room only [P-4]', async () => {
  const here = await guest('bearer');
  const there = new ApiClient(server.url, 'other');
  there.token = here.token;
  assertProblem(await there.getSession(), 410, 'session-gone');
  assertProblem(await there.send('hi'), 410, 'session-gone');
  const byCookie = await guest('cookie');
  const cookie = byCookie.cookie?.replace('parlor-lobby', 'parlor-other') ?? '';
  assertProblem(
    await there.call('GET', '/session', undefined, { authorization: '', cookie }),
    410,
    'session-gone',
  );
  assert.equal((await here.getSession()).status, 200);
});

test('an unknown room is 404, whatever the credential', async () => {
  const client = await guest('bearer');
  for (const room of [
    'nowhere',
    '%C3%BC',
    'a%3Db',
    'a%0d%0aSet-Cookie:x',
    '__proto__',
    'lobby%20',
    'Lobby',
  ]) {
    const lost = new ApiClient(server.url, room);
    for (const headers of [
      {},
      { ...client.credentials() },
      { cookie: `parlor-${Buffer.from(decodeURIComponent(room).replace(/\s/g, '')).toString('latin1')}=x` },
    ]) {
      for (const path of ['/session', '/session/updates', '/history', '']) {
        assertProblem(await lost.call('GET', path, undefined, headers), 404, 'room-not-found');
      }
      const create = await lost.call('POST', '/session', { name: 'x' }, headers);
      assertProblem(create, 404, 'room-not-found');
    }
  }
});

test('the bearer wins over a cookie, and a header that is no bearer leaves the cookie', async () => {
  const [one, two] = [await guest('bearer'), await guest('cookie')];
  const both = await one.call('GET', '/session', undefined, { cookie: two.cookie ?? '' });
  assert.deepEqual(both.body, { ...(await one.getSession()).body, ...times(both.body) });
  const basic = await two.call<{ name: string }>('GET', '/session', undefined, {
    authorization: 'Basic eDp5',
  });
  assert.equal(basic.body.name, (await two.getSession()).body.name);
  const lower = await new ApiClient(server.url).call('GET', '/session', undefined, {
    authorization: `bearer  ${one.token} `,
  });
  assert.equal(lower.status, 200);
});

test('a cookie that is sent twice is refused: one of them is somebody else’s', async () => {
  const { cookie = '' } = await guest('cookie');
  for (const header of [
    `${cookie}; parlor-lobby=x`,
    `parlor-lobby=x;${cookie}`,
    `parlor-lobby =x; ${cookie}`,
    `a=b; ${cookie} ; ${cookie}`,
  ]) {
    for (const [method, path] of [
      ['GET', '/session'],
      ['POST', '/session'],
    ] as const) {
      const body = method === 'POST' ? { name: 'Twice', credential: 'cookie' } : undefined;
      const answer = await new ApiClient(server.url).call(method, path, body, { cookie: header });
      assert.match(assertProblem(answer, 400, 'invalid-request').detail, /sent twice/);
    }
  }
  const beside = `xparlor-lobby=a; parlor-lobbyx=b; ${cookie}; parlor-other=c; parlor-lobby; =; ;`;
  const answer = await new ApiClient(server.url).call('GET', '/session', undefined, { cookie: beside });
  assert.equal(answer.status, 200, 'other cookies are no matter');
});

test('over plain HTTP the cookie has a plain name, for this site, unread by scripts', async () => {
  const { headers } = await new ApiClient(server.url).create({ name: 'Plain', credential: 'cookie' });
  assert.match(
    headers.getSetCookie().join(),
    /^parlor-lobby=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
  );
});

test('over HTTPS it has the prefix __Host- and is Secure, and only that name is read', async () => {
  const https = { 'x-forwarded-proto': 'https' };
  const client = new ApiClient(server.url);
  const { headers } = await client.create({ name: 'Secure', credential: 'cookie' }, https);
  assert.match(
    headers.getSetCookie().join(),
    /^__Host-parlor-lobby=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  assert.equal((await client.call('GET', '/session', undefined, https)).status, 200);
  const plain = client.cookie?.replace('__Host-', '') ?? '';
  assertProblem(
    await client.call('GET', '/session', undefined, { ...https, cookie: plain }),
    401,
    'credentials-required',
  );
  assertProblem(await client.call('GET', '/session'), 401, 'credentials-required');
  const left = await client.call('DELETE', '/session', undefined, https);
  assert.deepEqual(left.headers.getSetCookie(), [
    '__Host-parlor-lobby=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
  ]);
});

test('X-Forwarded-Proto of a stranger counts for nothing', async (t) => {
  const own = await startServer();
  t.after(() => own.close());
  const { headers } = await new ApiClient(own.url).create(
    { name: 'Ada', credential: 'cookie' },
    { 'x-forwarded-proto': 'https' },
  );
  assert.match(headers.getSetCookie().join(), /^parlor-lobby=/);
});

test('a token is looked for before the body is read', async () => {
  const answer = await exchange(
    server.port,
    'POST /v1/rooms/lobby/session/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nConnection: close\r\n' +
      'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
  );
  assertProblem(answer, 410, 'session-gone');
});

test('after a restart any number of sessions go on behind one address; who guesses is stopped all the same [SES-8]', async (t) => {
  const history = { events: 10_000, bytes: 1 << 24, ageMs: Number.POSITIVE_INFINITY };
  const store = new FaultyStore(new MemoryStore({ clock: systemClock, history, maxTotalBytes: 1 << 28 }));
  const options = { READ_LIMIT: '3/60', CREATE_LIMIT: 'off' };
  // One process opens the sessions, another one goes on with them.
  const [first, second] = [await startServer(options, { store }), await startServer(options, { store })];
  t.after(() => Promise.all([first.close(), second.close()]));
  const members = await Promise.all(
    Array.from({ length: 20 }, (_, count) => ApiClient.join(first.url, `Member ${count}`)),
  );
  const here = members.map((member) => Object.assign(new ApiClient(second.url), { token: member.token }));
  const guess = async () => {
    const guesser = Object.assign(new ApiClient(second.url), { token: 'A'.repeat(43) });
    return (await guesser.getSession()).status;
  };
  const [late, ...early] = here;
  assert.deepEqual(
    new Set((await Promise.all(early.map((member) => member.getSession()))).map(({ status }) => status)),
    new Set([200]),
  );
  assert.deepEqual([await guess(), await guess(), await guess(), await guess()], [410, 410, 410, 429]);
  const lookUps = store.calls.get('findSession');
  assert.deepEqual([await guess(), store.calls.get('findSession')], [429, lookUps], 'the store is not asked');
  assert.equal(
    (await late?.getSession())?.status,
    429,
    'nobody can tell it from a guess before it was looked up',
  );
  assert.equal((await early[0]?.getSession())?.status, 200);
});

test('who guesses tokens is stopped by READ_LIMIT, and nobody else is [P-3]', async (t) => {
  const own = await startServer({ READ_LIMIT: '3/60' });
  t.after(() => own.close());
  const ada = await ApiClient.join(own.url, 'Ada');
  const guess = (i: number) =>
    new ApiClient(own.url).call('GET', '/session', undefined, { authorization: `Bearer guess${i}` });
  for (let i = 0; i < 3; i++) assertProblem(await guess(i), 410, 'session-gone');
  const refusal = await guess(4);
  assert.match(assertProblem(refusal, 429, 'rate-limited').detail, /READ_LIMIT/);
  assert.equal((await ada.getSession()).status, 200);
});

/** What each request moves. */
function times(body: unknown): object {
  assert.ok(typeof body === 'object' && body !== null && 'lastInbound' in body && 'lastOutbound' in body);
  return { lastInbound: body.lastInbound, lastOutbound: body.lastOutbound };
}

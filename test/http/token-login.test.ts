import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { exchange } from '../support/raw-http.ts';
import { ServerProcess } from '../support/server-process.ts';
import { startServer } from '../support/test-server.ts';
import { adasClaims, hmac, secret } from '../support/tokens.ts';

const options = {
  AUTH: 'jwt',
  JWT_SECRET: secret,
  AUTH_TOKENS: 'header:X-Auth-SSO,cookie:SSO,query:ticket',
};
const tokenOf = (claims: object = {}) => hmac({ alg: 'HS256' }, adasClaims(Date.now(), { ...claims }));

async function setUp(t: TestContext, more: Record<string, string> = {}) {
  const server = await startServer({ ...options, ...more });
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  return server.url;
}

function create(url: string, query = '', headers: Record<string, string> = {}) {
  const body = JSON.stringify({ credential: 'bearer' });
  return fetch(`${url}/v1/rooms/lobby/session${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

test('a token may come as a bearer, and where AUTH_TOKENS says, and nowhere else', async (t) => {
  const url = await setUp(t);
  const token = tokenOf();
  const ways: [query: string, headers: Record<string, string>][] = [
    ['', { authorization: `Bearer ${token}` }],
    ['', { 'x-auth-sso': token }],
    ['', { cookie: `a=b; SSO=${token}` }],
    [`?ticket=${token}`, {}],
  ];
  for (const [query, headers] of ways) {
    const answer = await create(url, query, headers);
    assert.equal(answer.status, 201, JSON.stringify([query, headers]));
    assert.match(await answer.text(), /"name":"Ada"/);
  }
  const others: typeof ways = [
    ['', { 'x-token': token }],
    ['', { cookie: `sso=${token}` }],
    [`?token=${token}`, {}],
    ['?__proto__=x&constructor=y', {}],
  ];
  for (const [query, headers] of others) assert.equal((await create(url, query, headers)).status, 401);
});

test('a token that was sent twice in one place is refused', async (t) => {
  const url = await setUp(t);
  const token = tokenOf();
  for (const [query, headers] of [
    ['', { cookie: `SSO=${token}; SSO=${token}` }],
    [`?ticket=${token}&ticket=${token}`, {}],
  ] as const) {
    assert.equal((await create(url, query, { ...headers })).status, 400);
  }
  // `fetch` would make one header of both.
  const lines = ['Host: x', 'Content-Length: 0', `X-Auth-SSO: ${token}`, 'x-auth-sso: another'];
  const { status, text } = await exchange(
    Number(new URL(url).port),
    `POST /v1/rooms/lobby/session HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`,
  );
  assert.equal(status, 400);
  assert.match(text, /The header x-auth-sso was sent twice\./);
});

test('two subjects who show one name never take each other over; one who comes again does', async (t) => {
  const url = await setUp(t);
  const login = async (claims: object) => {
    const client = new ApiClient(url);
    client.token = tokenOf(claims);
    return { client, answer: await client.create({}) };
  };
  const first = await login({ sub: 'u-1' });
  assert.equal(first.answer.status, 201);
  assertProblem((await login({ sub: 'u-2' })).answer, 409, 'name-in-use');
  assertProblem((await login({ sub: 'u-1', iss: 'another' })).answer, 409, 'name-in-use');
  assert.equal((await first.client.ping()).status, 204);
  assert.equal((await login({ sub: 'u-1' })).answer.status, 201);
  assert.equal(assertProblem(await first.client.ping(), 410, 'session-gone').reason, 'taken-over');
});

test('a session ends when its token does', async (t) => {
  const url = await setUp(t);
  const client = new ApiClient(url);
  client.token = tokenOf({ exp: Math.floor(Date.now() / 1000) + 4 });
  assert.equal((await client.create({})).status, 201);
  const stream = await client.subscribe();
  await stream.expect('init');
  const { data } = await stream.expect('bye');
  assert.equal(JSON.parse(data).reason, 'expired');
  assert.equal(assertProblem(await client.ping(), 410, 'session-gone').reason, 'expired');
});

test('no token stands in a log, however much is logged', async (t) => {
  const server = await ServerProcess.start({ env: { ...options, LOG_LEVEL: 'trace', STORE_URL: 'memory:' } });
  t.after(() => server.stop());
  const [good, bad] = [tokenOf(), `${tokenOf()}x`];
  for (const token of [good, bad]) {
    await create(server.url, `?ticket=${token}`);
    await create(server.url, '', {
      authorization: `Bearer ${token}`,
      cookie: `SSO=${token}`,
      'x-auth-sso': token,
    });
    await fetch(`${server.url}/v1/nowhere?ticket=${token}`);
    await fetch(`${server.url}/v1/rooms/lobby/session?ticket=${token}`, { method: 'PUT' });
    await fetch(`${server.url}/v1/rooms/lobby/history?before=x&ticket=${token}`);
  }
  server.child.kill('SIGTERM');
  await server.exited;
  const output = server.stdout + server.stderr;
  assert.match(output, /session created/);
  assert.match(output, /request refused/);
  assert.ok(!output.includes(good) && !output.includes(bad));
  assert.doesNotMatch(output, /ticket/);
});

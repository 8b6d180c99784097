import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { writePasswords } from '../support/password-file.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';
import { adasClaims, hmac, secret } from '../support/tokens.ts';

async function loginAt(
  t: TestContext,
  options: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const server = await startServer(options);
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  return new ApiClient(server.url).call('GET', '/login', undefined, headers);
}

const jwt = { AUTH: 'jwt', JWT_SECRET: secret, AUTH_TOKENS: 'cookie:SSO,header:X-Auth-SSO' };
const token = () => hmac({ alg: 'HS256' }, adasClaims(Date.now()));

test('getLogin says what it takes to come in, to anybody', async (t) => {
  const file = join(temporaryFolder(t), 'users');
  writePasswords(file, { Ada: 'correct horse' });
  const cases: [options: Record<string, string>, takes: string[]][] = [
    [{}, ['name']],
    [{ AUTH: `file:${file}` }, ['password']],
    [{ AUTH: `file:${file},open` }, ['password', 'name']],
    [jwt, ['token']],
    [{ ...jwt, AUTH: `jwt,file:${file}` }, ['token', 'password']],
    [{ AUTH: 'webhook:http://127.0.0.1:9/' }, ['anything']],
  ];
  for (const [options, takes] of cases) {
    const { status, body } = await loginAt(t, { MAX_NAME_LENGTH: '20', ...options });
    assert.deepEqual([status, body], [200, { takes, given: false, maxNameLength: 20 }]);
  }
  assertProblem(
    await new ApiClient((await startedOpen(t)).url, 'nowhere').call('GET', '/login'),
    404,
    'room-not-found',
  );
});

test('getLogin says whether the token of a sign-on came along, without judging it', async (t) => {
  const cases: [headers: Record<string, string>, given: boolean][] = [
    [{ cookie: `SSO=${token()}` }, true],
    [{ cookie: 'SSO=a.b.c' }, true],
    [{ 'x-auth-sso': token() }, true],
    [{ cookie: 'SSO=' }, false],
    [{ cookie: `other=${token()}` }, false],
    // In whatever is not `create` it is a session's.
    [{ authorization: `Bearer ${token()}` }, false],
  ];
  for (const [headers, given] of cases) {
    const { body } = await loginAt(t, jwt, headers);
    assert.deepEqual(body, { takes: ['token'], given, maxNameLength: 32 }, JSON.stringify(headers));
  }
  const webhook = { AUTH: 'webhook:http://127.0.0.1:9/', AUTH_TOKENS: 'cookie:SSO' };
  const { body } = await loginAt(t, webhook, { cookie: 'SSO=opaque' });
  assert.deepEqual(body, { takes: ['anything'], given: true, maxNameLength: 32 });
  assertProblem(await loginAt(t, jwt, { cookie: 'SSO=a.b.c; SSO=d.e.f' }), 400, 'invalid-request');
});

test('getLogin names the place where one signs in', async (t) => {
  const signIn = 'https://login.example.org/?return={url}';
  const { body } = await loginAt(t, { ...jwt, LOGIN_URL: signIn });
  assert.deepEqual(body, { takes: ['token'], given: false, maxNameLength: 32, signIn });
});

test('getLogin is limited per address, as all reading', async (t) => {
  const { url } = await startedOpen(t, { READ_LIMIT: '1/60' });
  const client = new ApiClient(url);
  assert.equal((await client.call('GET', '/login')).status, 200);
  const { limit } = assertProblem(await client.call('GET', '/login'), 429, 'rate-limited');
  assert.equal(limit, 'READ_LIMIT');
});

async function startedOpen(t: TestContext, options: Record<string, string> = {}) {
  const server = await startServer(options);
  t.after(() => server.close());
  return server;
}

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let byCookie: ApiClient;
let byBearer: ApiClient;
before(async () => {
  server = await startServer({
    ALLOWED_ORIGINS: 'https://friend.example',
    PUBLIC_URL: 'https://chat.example',
    TRUST_PROXY: '127.0.0.1',
    CREATE_LIMIT: 'off',
    SEND_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
  });
  byCookie = await ApiClient.joinWithCookie(server.url, 'Cookie');
  byBearer = await ApiClient.join(server.url, 'Bearer');
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

/** What a browser, or somebody else, says about where a request comes from, and whether that is let in; HOST is this one. */
const matrix: [site: string | undefined, origin: string | undefined, isOwn: boolean][] = [
  [undefined, undefined, true],
  ['same-origin', undefined, true],
  ['same-origin', 'http://HOST', true],
  ['none', undefined, true],
  ['same-site', undefined, false],
  ['cross-site', undefined, false],
  ['whatever', undefined, false],
  ['', undefined, false],
  [undefined, 'http://HOST', true],
  // A proxy that is not trusted may have taken the TLS off.
  [undefined, 'https://HOST', true],
  [undefined, 'https://chat.example', true],
  [undefined, 'http://chat.example', false],
  [undefined, 'https://friend.example', true],
  ['cross-site', 'https://friend.example', true],
  ['same-site', 'http://HOST', true],
  ['cross-site', 'https://evil.example', false],
  [undefined, 'https://evil.example', false],
  [undefined, 'https://friend.example.evil.example', false],
  [undefined, 'http://friend.example', false],
  [undefined, 'null', false],
  [undefined, '', false],
  [undefined, 'http://HOST.evil.example', false],
  [undefined, 'http://127.0.0.1:1', false],
];

function headersOf([site, origin]: (typeof matrix)[number]): Record<string, string> {
  return {
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
    ...(origin === undefined ? {} : { origin: origin.replace('HOST', new URL(server.url).host) }),
  };
}

for (const row of matrix) {
  const [site = '–', origin = '–', isOwn] = row;
  test(`${isOwn ? 'own' : 'foreign'}: Sec-Fetch-Site ${site}, Origin ${origin}`, async () => {
    const headers = headersOf(row);
    const guarded: [method: string, path: string, body?: unknown][] = [
      ['POST', '/session/ping'],
      ['POST', '/session/messages', { message: 'x' }],
      ['HEAD', '/session/events'],
      // Takes its session: only where it is refused.
      ...(isOwn ? [] : [['DELETE', '/session'] as [string, string]]),
    ];
    for (const [method, path, body] of guarded) {
      const answer = await byCookie.call(method, path, body, headers);
      if (isOwn) assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      else if (method === 'HEAD') assert.equal(answer.status, 403);
      else assertProblem(answer, 403, 'cross-origin');
      const bearer = await byBearer.call(method, path, body, headers);
      if (method !== 'DELETE') assert.ok(bearer.status < 300, 'a bearer may come from anywhere');
      else byBearer = await ApiClient.join(server.url, 'Bearer');
    }
    // What only reads is not guarded: other pages cannot read the answer.
    assert.equal((await byCookie.call('GET', '/session', undefined, headers)).status, 200);

    const create = await new ApiClient(server.url).call('POST', '/session', { name: 'Bearer' }, headers);
    assertProblem(create, isOwn ? 409 : 403, isOwn ? 'name-in-use' : 'cross-origin');
  });
}

test('a foreign page opens no stream with a cookie', async () => {
  const stream = await byCookie.subscribe('', { origin: 'https://evil.example' });
  assert.equal(stream.status, 403);
  stream.close();
});

test('create with a bearer of the authenticator’s may come from anywhere', async () => {
  const answer = await new ApiClient(server.url).call(
    'POST',
    '/session',
    { name: 'From Elsewhere', credential: 'bearer' },
    {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
      authorization: 'Bearer some.jwt.token',
    },
  );
  assert.equal(answer.status, 201);
});

test('over HTTPS a plain-HTTP page of the same host is foreign', async () => {
  const { host } = new URL(server.url);
  const https = { 'x-forwarded-proto': 'https', cookie: `__Host-${byCookie.cookie}` };
  const ping = (origin: string) => byCookie.call('POST', '/session/ping', undefined, { ...https, origin });
  assertProblem(await ping(`http://${host}`), 403, 'cross-origin');
  assert.equal((await ping(`https://${host}`)).status, 204);
});

test('a foreign create counts against no limit of the visitor', async (t) => {
  const limited = await startServer({ CREATE_LIMIT: '1/60' });
  t.after(() => limited.close());
  const client = new ApiClient(limited.url);
  for (let i = 0; i < 3; i++) {
    assertProblem(
      await client.create({ name: 'x' }, { origin: 'https://evil.example' }),
      403,
      'cross-origin',
    );
  }
  assert.equal((await client.create({ name: 'x' })).status, 201);
});

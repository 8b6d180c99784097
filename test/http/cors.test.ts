import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, ApiClient } from '../support/api-client.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const friend = 'https://friend.example';
const reader = 'https://reader.example';
const stranger = 'https://stranger.example';

let open: TestServer;
let listed: TestServer;
before(async () => {
  open = await startServer({ ALLOWED_ORIGINS: friend });
  listed = await startServer({ ALLOWED_ORIGINS: friend, FEED_ORIGINS: reader, READ_LIMIT: '200/10' });
});
after(async () => {
  for (const server of [open, listed]) {
    await server.close();
    assert.deepEqual(server.faults, []);
  }
});

const publicPaths = ['/history', '', '/feed', '/../../rooms'];

async function get(server: TestServer, path: string, origin?: string, method = 'GET'): Promise<Answer> {
  const client = new ApiClient(server.url);
  const headers: Record<string, string> = origin === undefined ? {} : { origin };
  if (path !== '/feed' || method !== 'GET') return client.call(method, path, undefined, headers);
  const stream = await client.feed('', headers);
  stream.close();
  return {
    status: stream.status,
    headers: new Headers(
      Object.entries(stream.response.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: '',
  };
}

const allowed = ({ headers }: Answer) => headers.get('access-control-allow-origin');

test('what the feed shows may be read by every page if FEED_ORIGINS is *', async () => {
  for (const path of publicPaths) {
    const answer = await get(open, path, stranger);
    assert.deepEqual([answer.status, allowed(answer)], [200, '*'], path);
    assert.equal(allowed(await get(open, path)), null, 'nothing is added where no page asks');
  }
});

test('listed origins may read the feed, others not, and caches are told', async () => {
  for (const path of publicPaths) {
    for (const origin of [reader, friend])
      assert.equal(allowed(await get(listed, path, origin)), origin, path);
    for (const origin of [stranger, `${reader}.evil.example`, 'null', '*']) {
      const answer = await get(listed, path, origin);
      assert.deepEqual([answer.status, allowed(answer)], [200, null], `${path} ${origin}`);
      assert.match(answer.headers.get('vary') ?? '', /\bOrigin\b/);
    }
  }
});

test('no answer allows credentials', async () => {
  const answers = [
    await get(open, '/history', stranger),
    await get(listed, '/feed', reader),
    await get(open, '/session', friend),
    await get(open, '/session', friend, 'OPTIONS'),
  ];
  for (const { headers } of answers) assert.equal(headers.get('access-control-allow-credentials'), null);
});

test('pages of ALLOWED_ORIGINS read all answers of a session with a bearer, FEED_ORIGINS does not', async () => {
  const ada = await ApiClient.join(listed.url, 'Ada');
  const calls: [method: string, path: string, body?: unknown][] = [
    ['GET', '/session'],
    ['GET', '/session/users'],
    ['GET', '/session/updates'],
    ['POST', '/session/ping'],
    ['POST', '/session/messages', { message: 'x' }],
    ['POST', '/session', { name: 'Ada' }],
    ['HEAD', '/session/events'],
  ];
  for (const [method, path, body] of calls) {
    const answer = await ada.call(method, path, body, { origin: friend });
    assert.equal(allowed(answer), friend, `${method} ${path}`);
    assert.match(answer.headers.get('vary') ?? '', /\bOrigin\b/);
    const exposed = answer.headers.get('access-control-expose-headers') ?? '';
    for (const name of ['Retry-After', 'RateLimit']) assert.ok(exposed.split(', ').includes(name));
    assert.equal(allowed(await ada.call(method, path, body, { origin: reader })), null);
  }
  const stream = await ada.subscribe('', { origin: friend });
  assert.equal(stream.response.headers['access-control-allow-origin'], friend);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  stream.close();
});

test('a page that may read an answer may read its errors, too', async () => {
  const client = new ApiClient(open.url);
  const errors: [method: string, path: string, body: unknown, status: number][] = [
    ['GET', '/session', undefined, 401],
    ['POST', '/session', { name: '' }, 422],
    ['POST', '/session', { nom: 'x' }, 400],
    ['PUT', '/session', { name: 'x' }, 405],
    ['GET', '/history?limit=x', undefined, 400],
    ['GET', '/history?after=x', undefined, 400],
    ['PATCH', '/history', {}, 405],
  ];
  for (const [method, path, body, status] of errors) {
    const answer = await client.call(method, path, body, { origin: friend });
    assert.equal(answer.status, status, `${method} ${path}`);
    assert.ok([friend, '*'].includes(allowed(answer) ?? ''), `${method} ${path}`);
  }
  const limited = await startServer({ READ_LIMIT: '1/60' });
  await get(limited, '/history', stranger);
  const refusal = await get(limited, '/history', stranger);
  assert.deepEqual([refusal.status, allowed(refusal)], [429, '*']);
  const refusedStream = await get(limited, '/feed', stranger);
  assert.deepEqual([refusedStream.status, allowed(refusedStream)], [200, '*']);
  await limited.close();
});

test('a preflight is answered for pages that may call, and for nobody else', async () => {
  const preflight = (path: string, origin: string) =>
    new ApiClient(listed.url).call('OPTIONS', path, undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,idempotency-key',
    });
  const { status, headers } = await preflight('/session/messages', friend);
  assert.equal(status, 204);
  assert.equal(headers.get('access-control-allow-origin'), friend);
  assert.equal(headers.get('access-control-allow-methods'), 'GET, POST, DELETE');
  const names = (headers.get('access-control-allow-headers') ?? '').toLowerCase().split(', ');
  for (const name of ['authorization', 'content-type', 'idempotency-key', 'last-event-id']) {
    assert.ok(names.includes(name), name);
  }
  for (const [path, origin] of [
    ['/session/messages', stranger],
    ['/session/messages', reader],
    ['/feed', stranger],
  ] as const) {
    const refusal = await preflight(path, origin);
    assert.equal(refusal.status, 204);
    assert.equal(refusal.headers.get('access-control-allow-origin'), null);
    assert.equal(refusal.headers.get('access-control-allow-methods'), null);
  }
  assert.equal(allowed(await preflight('/feed', reader)), reader);
});

test('a preflight allows the headers in which AUTH_TOKENS says that tokens are', async (t) => {
  const server = await startServer({
    ALLOWED_ORIGINS: friend,
    AUTH_TOKENS: 'header:X-Auth-SSO,cookie:SSO,query:ticket',
  });
  t.after(() => server.close());
  const { headers } = await new ApiClient(server.url).call('OPTIONS', '/session', undefined, {
    origin: friend,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-auth-sso',
  });
  const names = (headers.get('access-control-allow-headers') ?? '').toLowerCase().split(', ');
  assert.ok(names.includes('x-auth-sso') && names.includes('authorization'), names.join());
  assert.ok(!names.includes('sso') && !names.includes('ticket'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api, type Credential } from '../../src/client/api.ts';
import type { ClientOptions } from '../../src/client/client-options.ts';
import { Keepsakes } from '../../src/client/storage.ts';
import { FakeSchedule, settle } from './support/fake-schedule.ts';
import { MemoryStorage } from './support/memory-storage.ts';

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly credentials: string | undefined;
  readonly keepalive: boolean | undefined;
  readonly signal: AbortSignal;
}

/** A server that answers what it is told to, one response for each request; then never. */
function setUp(credential: Credential, ...responses: (Response | Error)[]) {
  return setUpWith(undefined, credential, ...responses);
}

/** @param login as `ClientOptions.token` */
function setUpWith(
  login: ClientOptions['token'],
  credential: Credential,
  ...responses: (Response | Error)[]
) {
  const asked: Asked[] = [];
  const schedule = new FakeSchedule();
  const base = 'http://chat.test/v1/rooms/lobby';
  const kept = new Keepsakes(new MemoryStorage(), base);
  const scripted: typeof fetch = (url, init = {}) => {
    const { method = 'GET', headers, body, credentials, keepalive, signal } = init;
    assert.ok(signal);
    asked.push({
      url: String(url).replace(base, ''),
      method,
      headers: { ...(headers as Record<string, string>) },
      body: typeof body === 'string' ? JSON.parse(body) : undefined,
      credentials,
      keepalive,
      signal,
    });
    const response = responses.shift();
    if (response instanceof Error) return Promise.reject(response);
    if (response !== undefined) return Promise.resolve(response);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  const api = new Api(base, credential, kept, scripted, schedule, login);
  return { api, asked, kept, schedule };
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

const created = { sessionId: 's1', name: 'Ada', cursor: 'e-1', token: 't1' };

test('SES-9: with bearer, create asks for a token, keeps it, and every request carries it', async () => {
  const { api, asked, kept } = setUp('bearer', json(created, 201), new Response(null, { status: 204 }));
  const answer = await api.create({ name: 'Ada', password: 'secret' }, 'key');
  assert.equal(answer.ok, true);
  assert.equal(kept.get('token'), 't1');
  await api.ping();
  const [create, ping] = asked;
  assert.deepEqual(create?.body, { name: 'Ada', password: 'secret', delivery: 'push', credential: 'bearer' });
  assert.deepEqual(create?.headers, { 'Content-Type': 'application/json', 'Idempotency-Key': 'key' });
  assert.equal(ping?.headers.Authorization, 'Bearer t1');
  assert.deepEqual([create?.credentials, ping?.credentials], ['omit', 'omit'], 'no cookie goes with it');
});

test('create carries no token of an earlier session: it would be the authenticator’s', async () => {
  const { api, asked, kept } = setUp('bearer', json(created, 201));
  kept.set('token', 't0');
  await api.create({ name: 'Ada' }, 'key');
  assert.equal('Authorization' in (asked[0]?.headers ?? {}), false);
});

test('create carries the token of whoever logs in, the newest there is each time', async () => {
  const tokens = ['d.e.f', 'g.h.i'];
  const logins = ['a.b.c', async () => tokens.shift()];
  const carried: (string | undefined)[] = [];
  for (const login of [...logins, ...logins.slice(1), ...logins.slice(1)]) {
    const { api, asked } = setUpWith(login, 'bearer', json(created, 201));
    await api.create({}, 'key');
    carried.push(asked[0]?.headers.Authorization);
  }
  assert.deepEqual(carried, ['Bearer a.b.c', 'Bearer d.e.f', 'Bearer g.h.i', undefined]);
});

test('with cookie, the browser proves the session, on its own origin only', async () => {
  const { api, asked, kept } = setUp('cookie', json({ ...created, token: undefined }, 201));
  await api.create({ name: 'Ada' }, 'key');
  assert.equal(asked[0]?.credentials, 'same-origin');
  assert.equal(kept.get('token'), '');
});

test('each operation asks what the API says', async () => {
  const { api, asked } = setUp('cookie');
  void api.getRoom();
  void api.getLogin();
  void api.getSession();
  void api.getInitialUsers();
  void api.getUpdates('e-1', 20, new AbortController());
  void api.history('before', 'e-1', 100);
  void api.send('hello', 'k1');
  void api.subscribe('e-1', new AbortController());
  void api.destroy();
  await settle();
  assert.deepEqual(
    asked.map(({ method, url }) => `${method} ${url}`),
    [
      'GET ',
      'GET /login',
      'GET /session',
      'GET /session/users',
      'GET /session/updates?after=e-1&limit=1000&wait=20',
      'GET /history?before=e-1&limit=100',
      'POST /session/messages',
      'GET /session/events?liveness=ping&after=e-1',
      'DELETE /session',
    ],
  );
  assert.deepEqual(asked[6]?.body, { message: 'hello', key: 'k1' });
});

test('a message outlives a reload, and so does leaving, but for a message so long that browsers would not send it for that', async () => {
  const { api, asked } = setUp('cookie');
  // Fetch allows 64 KiB for all that is on its way with `keepalive`; a unit of UTF-16 has up to three bytes.
  for (const text of ['hello', '€'.repeat(19_000), '€'.repeat(21_000), '"'.repeat(40_000)]) {
    void api.send(text, 'k1');
  }
  void api.getSession();
  void api.destroy();
  await settle();
  assert.deepEqual(
    asked.map(({ keepalive }) => keepalive),
    [true, true, false, false, false, true],
  );
});

test('a refusal is a problem, with the time to come back: in seconds, or as a date', async () => {
  const problem = { code: 'unavailable', detail: 'The server is full.', reason: 'expired', action: 'create' };
  const { api, schedule } = setUp(
    'cookie',
    json(problem, 503, { 'Retry-After': '7', 'Content-Type': 'application/problem+json' }),
    json(problem, 503, { 'Retry-After': new Date(1_000_000 + 9_000).toUTCString() }),
    new Response('<h1>Bad gateway</h1>', { status: 502 }),
    json('a string', 500, { 'Retry-After': 'later' }),
  );
  assert.equal(schedule.now(), 1_000_000);
  const problems = [];
  for (let i = 0; i < 4; i++) {
    const answer = await api.getSession();
    assert.ok(!answer.ok);
    problems.push(answer.problem);
  }
  assert.deepEqual(problems[0], { status: 503, ...problem, retryAfterMs: 7000 });
  assert.deepEqual(
    problems.slice(1).map(({ status, code, retryAfterMs }) => [status, code, retryAfterMs]),
    [
      [503, 'unavailable', 9000],
      [502, 'unknown', undefined],
      [500, 'unknown', undefined],
    ],
  );
});

test('what is no answer of a Parlor is none: a dead network, a sign-in page, a body that breaks off', async () => {
  const broken = new Response(
    new ReadableStream({
      start: (controller) => controller.error(new Error('cut')),
    }),
  );
  const { api } = setUp(
    'cookie',
    new TypeError('fetch failed'),
    new Response('<h1>Sign in</h1>', { headers: { 'Content-Type': 'text/html' } }),
    json(null),
    broken,
  );
  for (let i = 0; i < 4; i++) {
    const answer = await api.getSession();
    assert.deepEqual(!answer.ok && [answer.problem.status, answer.problem.code], [0, 'unreachable'], `${i}`);
  }
});

test('an answer without what was asked for is none: empty, or of some other server', async () => {
  const answers = ['', '{}', '[]', '"text"', '7', 'null', '{"name":"x","ok":true}'];
  for (const text of answers) {
    const { api } = setUp('cookie', ...Array.from({ length: 6 }, () => new Response(text)));
    const results = await Promise.all([
      api.getSession(),
      api.create({ name: 'Ada' }, 'key'),
      api.getInitialUsers(),
      api.getUpdates('e-1', 0, new AbortController()),
      api.history('before', 'e-1', 100),
      api.send('hello', 'k1'),
    ]);
    const taken = results.map(({ ok }, i) => ok && i).filter((taken) => taken !== false);
    assert.deepEqual(taken, [], text);
  }
  const { api } = setUp('cookie', new Response(''), new Response(null, { status: 204 }));
  assert.deepEqual([(await api.ping()).ok, (await api.destroy()).ok], [true, true], 'nothing was asked for');
});

test('nobody waits forever: not for an answer, not for the head of a stream, and for a poll as long as it is held', async () => {
  const { api, asked, schedule } = setUp('cookie');
  const life = new AbortController();
  const codes: string[] = [];
  const note = (what: string) => () => codes.push(what);
  void api.getSession().then(note('answer'));
  void api.subscribe('e-1', life).then(note('head'));
  void api.getUpdates('e-1', 20, new AbortController()).then(note('poll'));
  await schedule.advance(9_999);
  assert.deepEqual(codes, []);
  await schedule.advance(1);
  assert.deepEqual([codes, life.signal.aborted], [['head'], true]);
  await schedule.advance(5_000);
  assert.deepEqual(codes, ['head', 'answer']);
  await schedule.advance(20_000);
  assert.deepEqual(codes, ['head', 'answer', 'poll']);
  assert.ok(asked.every(({ signal }) => signal.aborted));
});

test('a stream whose head came is not ended by the time of its head', async () => {
  const { api, schedule } = setUp(
    'cookie',
    new Response('', { headers: { 'Content-Type': 'text/event-stream' } }),
  );
  const life = new AbortController();
  const answer = await api.subscribe('e-1', life);
  await schedule.advance(60_000);
  assert.deepEqual([answer.ok, life.signal.aborted], [true, false]);
});

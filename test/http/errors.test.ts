import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError, type ErrorCode, errorCodes } from '../../src/core/errors.ts';
import { chatErrorOf, problemOf } from '../../src/http/errors.ts';
import { type Answer, ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { assertProblem } from '../support/problem.ts';
import { exchange, type RawAnswer } from '../support/raw-http.ts';
import { startServer } from '../support/test-server.ts';

test('every code of the table comes over the wire with its status', async (t) => {
  const server = await startServer(
    { UPDATES_LIMIT: '3/60', MAX_MEMBERS: '3' },
    {
      hooks: {
        authorize: (_user, operation) => {
          if (operation === 'getSession') throw new Error('broken hook');
          return operation !== 'ping';
        },
      },
    },
  );
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  const push = await ApiClient.join(server.url, 'Push', { delivery: 'push' });
  const bob = await ApiClient.join(server.url, 'Bob');
  await ada.send('text', 'key');
  const nobody = new ApiClient(server.url);
  const dead = { authorization: 'Bearer x' };
  const raw = (text: string) => exchange(server.port, text);

  const answers: Record<Exclude<ErrorCode, 'request-timeout'>, [number, Answer | RawAnswer]> = {
    'invalid-request': [400, await ada.updates({ limit: 0 })],
    'invalid-name': [422, await nobody.create({ name: '\0' })],
    'invalid-message': [422, await ada.send('\0')],
    'key-reused': [422, await ada.send('other', 'key')],
    'name-in-use': [409, await nobody.create({ name: 'ADA' })],
    'not-joined': [409, await push.send('early')],
    'credentials-required': [401, await nobody.getSession()],
    'permission-denied': [403, await ada.ping()],
    'cross-origin': [403, await nobody.create({ name: 'x' }, { origin: 'https://evil.example' })],
    'session-gone': [410, await nobody.call('GET', '/session', undefined, dead)],
    'room-not-found': [404, await new ApiClient(server.url, 'nowhere').history()],
    'not-found': [404, await nobody.call('GET', '/nothing')],
    'method-not-allowed': [405, await nobody.call('PUT', '/session')],
    'rate-limited': [429, await exhaust(bob)],
    'payload-too-large': [413, await ada.send('x'.repeat(17_000))],
    'unsupported-media-type': [
      415,
      await ada.call('POST', '/session/messages', { message: 'x' }, { 'content-type': 'image/png' }),
    ],
    'headers-too-large': [431, await raw(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(17_000)}\r\n\r\n`)],
    unavailable: [503, await nobody.create({ name: 'One Too Many' })],
    internal: [500, await ada.getSession()],
  };
  for (const [code, [status, answer]] of Object.entries(answers)) assertProblem(answer, status, code);
  // `request-timeout` takes ten seconds: see broken-requests.test.ts.
  assert.deepEqual([...Object.keys(answers), 'request-timeout'].sort(), Object.keys(errorCodes).sort());
});

async function exhaust(client: ApiClient): Promise<Answer> {
  let answer: Answer = await client.updates();
  while (answer.status === 200) answer = await client.updates();
  return answer;
}

test('an error carries what its client needs, and no more', () => {
  const gone = new ChatError('session-gone', 'Gone.', {
    reason: 'expired',
    action: 'create',
    cause: 'secret',
  });
  assert.deepEqual(problemOf(gone, 'r1'), {
    type: 'about:blank',
    title: 'Gone',
    status: 410,
    detail: 'Gone.',
    code: 'session-gone',
    requestId: 'r1',
    reason: 'expired',
    action: 'create',
  });
});

test('what the framework blames on the request is no fault of the server', () => {
  const blamed = (statusCode: unknown) => Object.assign(new Error('secret'), { statusCode });
  const codes: [thrown: unknown, code: ErrorCode][] = [
    [blamed(400), 'invalid-request'],
    [blamed(401), 'credentials-required'],
    [blamed(403), 'permission-denied'],
    [blamed(404), 'not-found'],
    [blamed(499), 'invalid-request'],
    [blamed(500), 'internal'],
    [blamed('400'), 'internal'],
    [new Error('secret'), 'internal'],
    ['secret', 'internal'],
    [undefined, 'internal'],
  ];
  for (const [thrown, code] of codes) {
    const error = chatErrorOf(thrown, 1);
    assert.equal(error.code, code);
    assert.doesNotMatch(error.message, /secret/);
  }
});

test('429 names the limit, and says when to come back', async (t) => {
  const server = await startServer({ SEND_LIMIT: '1/30', CREATE_LIMIT: '1/90', FLOOD_STRIKES: 'off' });
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  await ada.send('one');
  const limits: [Answer, name: string, policy: string, seconds: number][] = [
    [await ada.send('two'), 'SEND_LIMIT', '"SEND_LIMIT";q=1;w=30', 30],
    [await new ApiClient(server.url).create({ name: 'Bob' }), 'CREATE_LIMIT', '"CREATE_LIMIT";q=1;w=90', 90],
  ];
  for (const [answer, name, policy, seconds] of limits) {
    const { detail } = assertProblem(answer, 429, 'rate-limited');
    assert.ok(detail.startsWith(`${name} allows 1 per ${seconds} s. Try again in `), detail);
    assert.equal(answer.headers.get('ratelimit-policy'), policy);
    const retryAfter = Number(answer.headers.get('retry-after'));
    assert.ok(retryAfter >= seconds - 1 && retryAfter <= seconds, `${retryAfter}`);
    assert.equal(answer.headers.get('ratelimit'), `"${name}";r=0;t=${retryAfter}`);
  }
});

test('an answer to a send says what is left of its limit, and when all of it is there again', async (t) => {
  const clock = new FakeClock();
  const server = await startServer({ SEND_LIMIT: '3/30', UPDATES_LIMIT: 'off' }, { clock });
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  const left = ({ headers }: Answer) => headers.get('ratelimit');
  const first = await ada.send('one', 'k');
  assert.equal(first.headers.get('ratelimit-policy'), '"SEND_LIMIT";q=3;w=30');
  assert.equal(left(first), '"SEND_LIMIT";r=2;t=10');
  assert.equal(left(await ada.send('one', 'k')), '"SEND_LIMIT";r=2;t=10', 'a repeat costs none');
  assert.equal(left(await ada.send('two')), '"SEND_LIMIT";r=1;t=20');
  clock.advance(10_000);
  assert.equal(left(await ada.send('three')), '"SEND_LIMIT";r=1;t=20');
  assert.equal(left(await ada.send('four')), '"SEND_LIMIT";r=0;t=30');
  const refused = await ada.send('five');
  assert.deepEqual([refused.status, left(refused)], [429, '"SEND_LIMIT";r=0;t=10']);
  assert.equal(left(await ada.updates()), null, 'polls carry nothing more');
  const free = await startServer({ SEND_LIMIT: 'off' });
  t.after(() => free.close());
  assert.equal(left(await (await ApiClient.join(free.url, 'Ada')).send('one')), null);
});

test('a repeat of a send costs no limit', async (t) => {
  const server = await startServer({ SEND_LIMIT: '1/60', FLOOD_STRIKES: 'off' });
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  const first = await ada.send('once', 'k');
  for (let i = 0; i < 3; i++) {
    const repeat = await ada.send('once', 'k');
    assert.deepEqual([repeat.status, repeat.body], [200, first.body]);
  }
  assertProblem(await ada.send('another', 'k2'), 429, 'rate-limited');
});

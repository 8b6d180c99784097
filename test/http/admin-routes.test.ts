import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { AdminDeed } from '../../src/core/observer.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { has } from '../support/needs.ts';
import { assertProblem } from '../support/problem.ts';
import { commandsOf } from '../support/readme.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import { StatusStore } from '../support/status-store.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const token = 'a-secret-of-enough-characters';

interface Listed {
  readonly sessions: readonly Record<string, unknown>[];
  readonly total: number;
}

async function setUp(t: TestContext, ...[options, parts]: Parameters<typeof startServer>) {
  const deeds: AdminDeed[] = [];
  const server = await startServer(
    { ADMIN_TOKEN: token, UPDATES_LIMIT: 'off', SEND_LIMIT: 'off', READ_LIMIT: 'off', ...options },
    { ...parts, observer: { administered: (deed) => deeds.push(deed) } },
  );
  t.after(() => server.close());
  const ask = async (method: string, path: string, secret: string | undefined = token) => {
    const response = await fetch(`${server.url}/v1/admin${path}`, {
      method,
      headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  const list = async (query = ''): Promise<Listed> => {
    const { status, body } = await ask('GET', `/sessions${query}`);
    assert.equal(status, 200);
    return body;
  };
  const idOf = async (name: string): Promise<string> => {
    const found = (await list()).sessions.find((session) => session.name === name);
    return String(found?.sessionId);
  };
  return { ...server, deeds, ask, list, idOf };
}

test('an operator sees every session, with what it does and how far it is behind', async (t) => {
  const { url, list, ...server } = await setUp(t, {
    ROOMS: 'lobby,quiet',
    MAX_MESSAGE_BYTES: '64KiB',
    HISTORY_BYTES: '64MiB',
  });
  const sockets = new ServerSockets({ ...server, url });
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob', { delivery: 'push' });
  await ApiClient.join(url, 'Cy', { room: 'quiet' });
  const stream = await bob.subscribe();
  await stream.expect('init');
  await stream.expect('join');
  const { sessions, total } = await list();
  assert.equal(total, 3);
  assert.deepEqual(
    sessions.map(({ name, room, delivery, state, streams, lag }) => [
      name,
      room,
      delivery,
      state,
      streams,
      lag,
    ]),
    [
      ['Ada', 'lobby', 'pull', 'joined', 0, { bytes: 0, events: 0 }],
      ['Bob', 'lobby', 'push', 'joined', 1, { bytes: 0, events: 0 }],
      ['Cy', 'quiet', 'pull', 'joined', 0, { bytes: 0, events: 0 }],
    ],
  );
  for (const session of sessions) {
    assert.equal(session.user, null);
    assert.equal(session.address, '127.0.0.1');
    for (const time of ['createdAt', 'lastInbound', 'lastOutbound']) {
      assert.ok(Math.abs(Number(session[time]) - Date.now()) < 60_000, time);
    }
  }
  assert.deepEqual(
    (await list('?room=lobby&offset=1&limit=1')).sessions.map(({ name }) => name),
    ['Bob'],
  );
  assert.equal((await list('?room=lobby&limit=1')).total, 2);
  assert.doesNotMatch(JSON.stringify(sessions), new RegExp(String(ada.token)), 'tokens are nobody’s to see');

  stream.pause();
  await sockets.fill(stream.response.socket, () => ada.send('x'.repeat(60_000)));
  for (let i = 0; i < 3; i++) await ada.send('more');
  const lag = (await list()).sessions[1]?.lag as { bytes: number; events: number };
  assert.ok(lag.bytes > 0 && lag.events >= 3, JSON.stringify(lag));
  stream.close();
});

test('whoever is removed is told so, on a stream and on a poll alike, and is gone', async (t) => {
  const { url, ask, idOf, deeds } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob');
  const eve = await ApiClient.join(url, 'Eve');
  const stream = await bob.subscribe();
  await stream.expect('init');
  const [adaId, bobId] = [await idOf('Ada'), await idOf('Bob')];
  await ada.updates();
  const polling = ada.updates({ wait: 25 });
  assert.equal((await ask('DELETE', `/sessions/${bobId}?reason=%20No%20adverts.`)).status, 204);
  const last = (await stream.rest()).at(-1);
  assert.deepEqual(JSON.parse(last?.data ?? '{}'), {
    reason: 'removed',
    action: 'stop',
    reconnect: false,
    detail: 'No adverts.',
  });
  // The first poll may have been answered by what Bob's end has told.
  await polling;
  const gone = ada
    .updates({ wait: 25 })
    .then(async (answer) => (answer.status === 200 ? ada.updates({ wait: 25 }) : answer));
  assert.equal(
    (await ask('DELETE', `/sessions/${adaId}?reason=Shouts%20%3Cb%3E%20\u202eloudly`)).status,
    204,
  );
  const said = 'Shouts <b> \u202eloudly';
  for (const refusal of [await gone, await ada.send('hello'), await ada.getSession()]) {
    const { reason, action, endingDetail, detail } = assertProblem(refusal, 410, 'session-gone');
    assert.deepEqual([reason, action, endingDetail], ['removed', 'stop', said]);
    assert.equal(detail, `Your session has ended: removed (${said}).`);
  }
  assert.deepEqual((await eve.users()).body.users, ['Eve']);
  assertProblem(await ask('DELETE', `/sessions/${adaId}`), 404, 'not-found');
  assert.deepEqual(deeds, [
    {
      act: 'session removed',
      address: '127.0.0.1',
      sessionId: bobId,
      room: 'lobby',
      name: 'Bob',
      reason: '"No adverts."',
    },
    {
      act: 'session removed',
      address: '127.0.0.1',
      sessionId: adaId,
      room: 'lobby',
      name: 'Ada',
      reason: '"Shouts \\u{3c}b\\u{3e} \\u{202e}loudly"',
    },
  ]);
});

test('a reason is one line of at most 200 characters; what is none removes nobody', async (t) => {
  const { ask, url, idOf, deeds } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  const id = await idOf('Ada');
  for (const reason of ['a\nb', 'a\x1b[2J', 'a\x00', 'a\u2028b', 'x'.repeat(201)]) {
    const refused = await ask('DELETE', `/sessions/${id}?reason=${encodeURIComponent(reason)}`);
    assertProblem(refused, 422, 'invalid-message');
  }
  assert.equal((await ada.ping()).status, 204);
  assert.deepEqual(deeds, []);
  const reason = '😀'.repeat(200);
  assert.equal((await ask('DELETE', `/sessions/${id}?reason=${encodeURIComponent(reason)}`)).status, 204);
  assert.equal(assertProblem(await ada.ping(), 410, 'session-gone').endingDetail, reason);
  assert.equal(deeds.length, 1);
});

test('an end that the store cannot keep is told as such; the client is out all the same [SES-1]', async (t) => {
  const store = new StatusStore();
  const { url, ask, idOf } = await setUp(t, {}, { store });
  const ada = await ApiClient.join(url, 'Ada');
  const id = await idOf('Ada');
  store.fail('closeSession', 'before');
  assertProblem(await ask('DELETE', `/sessions/${id}`), 503, 'unavailable');
  assertProblem(await ada.getSession(), 410, 'session-gone');
  store.heal();
});

test('the command of the docs shows who is there', async (t) => {
  if (!has(t, 'curl')) return;
  const { url } = await setUp(t);
  await ApiClient.join(url, 'Ada');
  const command = commandsOf('admin', 'docs/api.md').replaceAll('http://127.0.0.1:3000', url);
  const { stdout } = await promisify(execFile)('sh', ['-c', command], {
    env: { PATH: process.env.PATH, ADMIN_TOKEN: token },
  });
  assert.equal(JSON.parse(stdout).sessions[0].name, 'Ada');
});

test('without the token nobody administers, and a member’s is none', async (t) => {
  const { url, ask, idOf, deeds } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  const id = await idOf('Ada');
  const wrong = [ada.token ?? '', `${token}x`, token.slice(0, -1), token.toUpperCase()];
  for (const [method, path] of [
    ['GET', '/sessions'],
    ['DELETE', `/sessions/${id}`],
  ] as const) {
    const without = await fetch(`${url}/v1/admin${path}`, { method });
    assert.equal(without.status, 401);
    for (const secret of wrong.splice(0, 2)) {
      assertProblem(await ask(method, path, secret), 401, 'credentials-required');
    }
  }
  const cookie = await fetch(`${url}/v1/admin/sessions`, { headers: { cookie: `parlor-lobby=${token}` } });
  assert.equal(cookie.status, 401, 'it is a bearer’s only');
  assert.equal((await ada.getSession()).status, 200);
  assert.deepEqual(
    deeds,
    Array.from({ length: 4 }, () => ({ act: 'refused', address: '127.0.0.1' })),
  );
});

test('after five wrong tokens within a minute an address is refused, even with the right one, for a while', async (t) => {
  const clock = new FakeClock();
  const { ask, deeds } = await setUp(t, {}, { clock });
  for (let i = 0; i < 5; i++) assert.equal((await ask('GET', '/sessions', `wrong-${i}`)).status, 401);
  for (const secret of ['wrong-5', token]) {
    const refused = await ask('GET', '/sessions', secret);
    const { detail, limit } = assertProblem(refused, 429, 'rate-limited');
    assert.match(
      detail,
      /^Too many tokens from your address were not the ADMIN_TOKEN\. Try again in 12 s\.$/,
    );
    assert.equal(limit, 'ADMIN_TOKEN');
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
  }
  assert.equal(deeds.length, 5);
  clock.advance(12_000);
  assert.equal((await ask('GET', '/sessions')).status, 200);
});

test('without ADMIN_TOKEN there is no administration', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  for (const authorization of ['Bearer ', 'Bearer undefined', 'Bearer null', `Bearer ${ada.token}`]) {
    const response = await fetch(`${server.url}/v1/admin/sessions`, { headers: { authorization } });
    assert.equal(response.status, 404);
  }
});

test('a member is removed through his requests and streams at once, and the others hear one leave', async (t) => {
  const { url, ask, idOf } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  await ApiClient.join(url, 'Bob');
  const id = await idOf('Bob');
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask('DELETE', `/sessions/${id}`)));
  assert.ok(answers.every(({ status }) => status === 204 || status === 404));
  assert.ok(answers.some(({ status }) => status === 204));
  await waitUntil(async () => (await ada.users()).body.users.length === 1, 'Bob is gone');
  const { body } = await ada.updates({ after: '0' });
  assert.equal(body.events.filter(({ type }) => type === 'leave').length, 1);
});

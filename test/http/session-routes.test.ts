import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { SessionHandle } from '../../src/core/hooks.ts';
import type { OpenAnswer } from '../../src/core/store.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { type Answer, ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { assertProblem } from '../support/problem.ts';
import { connect } from '../support/raw-http.ts';
import { StatusStore } from '../support/status-store.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ ROOMS: 'lobby,keys,held,hung', CREATE_LIMIT: 'off' });
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

test('create answers 201 with everything that a client needs', async () => {
  const { status, body, headers } = await new ApiClient(server.url).create({ name: '  Ada   Lovelace ' });
  assert.equal(status, 201);
  const { sessionId, token, cursor, ...rest } = body;
  assert.deepEqual(rest, {
    name: 'Ada Lovelace',
    room: 'lobby',
    delivery: 'pull',
    timeout: 60,
    heartbeat: 15,
    maxMessageBytes: 1024,
  });
  assert.match(sessionId, /^[0-9a-f-]{36}$/);
  assert.match(cursor, /^[A-Za-z0-9]+-\d+$/);
  assert.match(token ?? '', /^[A-Za-z0-9_-]{43}$/, '256 random bits [SES-9]');
  assert.equal(headers.get('set-cookie'), null, 'a bearer session has no cookie');
  assert.equal(headers.get('cache-control'), 'no-store');
});

test('a session by cookie gets no token in the body [SES-9]', async () => {
  const { status, body, headers } = await new ApiClient(server.url).create({
    name: 'Cookie Monster',
    credential: 'cookie',
  });
  assert.equal(status, 201);
  assert.equal(body.token, undefined);
  assert.match(headers.get('set-cookie') ?? '', /^parlor-lobby=[A-Za-z0-9_-]{43};/);
});

test('a pull session has joined by its creation, and the cursor stands before its own join [SES-2, SES-3]', async () => {
  const bob = await ApiClient.join(server.url, 'Bob');
  const { body } = await bob.updates({ after: bob.cursor });
  assert.deepEqual(
    body.events.map(({ type, name }) => [type, name]),
    [['join', 'Bob']],
  );
});

test('getSession describes the session, with a bearer and with a cookie', async () => {
  const byBearer = await ApiClient.join(server.url, 'Carol', { delivery: 'push' });
  const byCookie = await ApiClient.joinWithCookie(server.url, 'Dave');
  const [carol, dave] = [await byBearer.getSession(), await byCookie.getSession()];
  assert.deepEqual([carol.status, dave.status], [200, 200]);
  const { sessionId, createdAt, lastInbound, lastOutbound, ...rest } = carol.body;
  assert.deepEqual(rest, {
    user: null,
    name: 'Carol',
    room: 'lobby',
    delivery: 'push',
    state: 'reserved',
    timeout: 60,
    heartbeat: 15,
    maxMessageBytes: 1024,
  });
  for (const time of [createdAt, lastInbound, lastOutbound]) assert.equal(typeof time, 'number');
  assert.match(String(sessionId), /^[0-9a-f-]{36}$/);
  assert.equal(dave.body.state, 'joined');
  assert.equal('token' in dave.body, false);
});

test('ping is answered 204 and counts as activity', async (t) => {
  const clock = new FakeClock();
  const own = await startServer({ SESSION_TIMEOUT: '60' }, { clock });
  t.after(() => own.close());
  const [idle, pinging] = [await ApiClient.join(own.url, 'Idle'), await ApiClient.join(own.url, 'Pinging')];
  for (let i = 0; i < 3; i++) {
    clock.advance(40_000);
    const { status, body } = await pinging.ping();
    assert.deepEqual([status, body], [204, '']);
  }
  const gone = assertProblem(await idle.ping(), 410, 'session-gone');
  assert.deepEqual([gone.reason, gone.action], ['expired', 'create']);
});

test('destroy is answered 204, frees the name and leaves one leave event', async () => {
  const eve = await ApiClient.join(server.url, 'Eve');
  const watcher = await ApiClient.join(server.url, 'Watcher');
  const { status, headers } = await eve.destroy();
  assert.deepEqual([status, headers.get('set-cookie')], [204, null]);
  const again = assertProblem(await eve.destroy(), 410, 'session-gone');
  assert.deepEqual([again.reason, again.action], ['destroyed', 'stop']);
  const { body } = await watcher.updates({ after: watcher.cursor });
  assert.deepEqual(
    body.events.slice(1).map(({ type, name }) => [type, name]),
    [['leave', 'Eve']],
  );
  assert.equal((await new ApiClient(server.url).create({ name: 'EVE' })).status, 201);
});

test('[SES-1] destroy is answered 503 until the store has it, and everything else 410 at once', async (t) => {
  const store = new StatusStore();
  const own = await startServer({ REAPER_INTERVAL: '600' }, { store });
  t.after(() => own.close());
  const eve = await ApiClient.joinWithCookie(own.url, 'Eve');
  const bob = await ApiClient.join(own.url, 'Bob');
  store.fail('closeSession', 'before');
  for (let asked = 0; asked < 2; asked++) {
    const answer = await eve.destroy();
    assertProblem(answer, 503, 'unavailable');
    assert.deepEqual([answer.headers.get('retry-after'), answer.headers.get('set-cookie')], ['2', null]);
    assert.equal(assertProblem(await eve.updates(), 410, 'session-gone').reason, 'destroyed');
  }
  assert.equal(store.calls.get('closeSession'), 2, 'who asks again lets it be tried again');
  assert.deepEqual((await bob.users()).body.users, ['Eve', 'Bob']);
  store.heal();
  const { cookie } = eve;
  const left = await eve.destroy();
  assert.equal(left.status, 204);
  assert.match(left.headers.get('set-cookie') ?? '', /Max-Age=0/);
  assert.deepEqual((await bob.users()).body.users, ['Bob']);
  eve.cookie = cookie;
  assert.equal(assertProblem(await eve.destroy(), 410, 'session-gone').reason, 'destroyed');
});

test('[SES-1] a process that stops tries once more what is owed, and tells what is left', async () => {
  for (const isBack of [true, false]) {
    const store = new StatusStore();
    const told: number[] = [];
    const observer = { closingsLost: (count: number) => told.push(count) };
    const own = await startServer({ REAPER_INTERVAL: '600' }, { store, observer });
    store.fail('closeSession', 'before');
    for (const name of ['Ada', 'Bob']) {
      assertProblem(await (await ApiClient.join(own.url, name)).destroy(), 503, 'unavailable');
    }
    if (isBack) store.heal();
    await own.close();
    assert.deepEqual(told, isBack ? [] : [2]);
    assert.equal(store.calls.get('closeSession'), 4);
  }
});

test('a name that looks the same is in use', async () => {
  await ApiClient.join(server.url, 'paypal');
  const refusal = await new ApiClient(server.url).create({ name: 'pаypаl' });
  assert.equal(assertProblem(refusal, 409, 'name-in-use').detail, 'The name pаypаl is already in use.');
});

test('what is no name is refused by the domain, and a name is required', async () => {
  const client = new ApiClient(server.url);
  assertProblem(await client.create({ name: '' }), 422, 'invalid-name');
  assertProblem(await client.create({ name: 'x'.repeat(33) }), 422, 'invalid-name');
  assertProblem(await client.create({ name: '<b>' }), 422, 'invalid-name');
  assertProblem(await client.create({}), 400, 'invalid-request');
});

test('a form opens a session like JSON', async () => {
  const response = await fetch(`${server.url}/v1/rooms/lobby/session`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'Grace Hopper', delivery: 'push', credential: 'bearer' }),
  });
  assert.equal(response.status, 201);
  const { name, delivery, token }: Record<string, unknown> = await jsonOf(response);
  assert.deepEqual([name, delivery, typeof token], ['Grace Hopper', 'push', 'string']);
});

test('creating again while holding the cookie of a live session returns it, 200 without a token [SES-10]', async () => {
  const client = await ApiClient.joinWithCookie(server.url, 'Ada', 'held');
  const first = await client.getSession();
  const again = await client.create({ name: ' ada ', credential: 'cookie' });
  assert.equal(again.status, 200);
  assert.equal(again.body.sessionId, first.body.sessionId);
  assert.equal(again.body.name, 'Ada');
  assert.equal(again.headers.get('set-cookie'), null);
  assert.deepEqual((await client.users()).body.users, ['Ada']);
});

test('under another name it claims the new one first, then ends the old session [SES-10]', async () => {
  const client = await ApiClient.joinWithCookie(server.url, 'Old', 'held');
  await ApiClient.join(server.url, 'Taken', { room: 'held' });
  const oldCookie = client.cookie;

  assertProblem(await client.create({ name: 'Taken', credential: 'cookie' }), 409, 'name-in-use');
  assert.equal((await client.getSession()).body.name, 'Old', 'a failed renaming leaves the old session');

  const renamed = await client.create({ name: 'New', credential: 'cookie' });
  assert.equal(renamed.status, 201);
  assert.notEqual(client.cookie, oldCookie);
  assert.equal((await client.getSession()).body.name, 'New');
  const { events } = (await client.updates({ after: renamed.body.cursor })).body;
  assert.deepEqual(
    events.map(({ type, name }) => `${type} ${name}`),
    ['join New', 'leave Old'],
  );
  client.cookie = oldCookie;
  assert.equal(assertProblem(await client.getSession(), 410, 'session-gone').reason, 'destroyed');
});

test('a dead cookie is as good as none [SES-10]', async () => {
  const client = await ApiClient.joinWithCookie(server.url, 'Lazarus', 'held');
  const { cookie } = client;
  await client.destroy();
  client.cookie = cookie;
  const again = await client.create({ name: 'Lazarus', credential: 'cookie' });
  assert.equal(again.status, 201);
  assert.notEqual(client.cookie, cookie);
});

test('two bearer clients beside a cookie are three members [SES-10]', async () => {
  const client = await ApiClient.joinWithCookie(server.url, 'First', 'held');
  const cookie = client.cookie ?? '';
  const second = await new ApiClient(server.url, 'held').create({ name: 'Second' }, { cookie });
  assert.equal(second.status, 201);
  assert.equal((await client.getSession()).body.name, 'First', 'the cookie’s session lives on');
});

test('a lost answer to create is asked for again by its key: one member, one join, no 409 [SES-10]', async () => {
  const key = randomUUID();
  const watcher = await ApiClient.join(server.url, 'Watcher', { room: 'keys' });
  const lost = await new ApiClient(server.url, 'keys').create({ name: 'Ada' }, { 'idempotency-key': key });
  const client = new ApiClient(server.url, 'keys');
  const retried = await client.create({ name: 'Ada' }, { 'idempotency-key': key.toUpperCase() });
  assert.deepEqual([lost.status, retried.status], [201, 201]);
  assert.equal(retried.body.sessionId, lost.body.sessionId);
  assert.equal(retried.body.cursor, lost.body.cursor);
  assert.notEqual(retried.body.token, lost.body.token, 'a fresh token');

  const { events } = (await watcher.updates({ after: lost.body.cursor })).body;
  assert.deepEqual(
    events.map(({ type, name }) => `${type} ${name}`),
    ['join Ada'],
  );
  const stale = new ApiClient(server.url, 'keys');
  stale.token = lost.body.token;
  assertProblem(await stale.getSession(), 410, 'session-gone');
  assert.equal((await client.getSession()).status, 200);
});

test('a create that comes once more, late, ends a token that nobody has used; its owner asks again by the key [SES-10]', async () => {
  const watcher = await ApiClient.join(server.url, 'Late watcher', { room: 'keys' });
  const headers = { 'idempotency-key': randomUUID() };
  const client = new ApiClient(server.url, 'keys');
  const { body } = await client.create({ name: 'Late' }, headers);
  // Its answer goes to nobody, as behind a proxy that sends a request twice.
  await new ApiClient(server.url, 'keys').create({ name: 'Late' }, headers);
  assertProblem(await client.getSession(), 410, 'session-gone');
  const again = await client.create({ name: 'Late' }, headers);
  assert.deepEqual([again.status, again.body.sessionId], [201, body.sessionId]);
  assert.equal((await client.getSession()).status, 200);
  const { events } = (await watcher.updates({ after: body.cursor })).body;
  assert.deepEqual(
    events.map(({ type, name }) => `${type} ${name}`),
    ['join Late'],
  );
});

test('once the token was used, the key opens nothing any more, and the token stays good [SES-10]', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const client = new ApiClient(server.url, 'keys');
  await client.create({ name: 'Used' }, headers);
  await client.ping();
  const refusal = await new ApiClient(server.url, 'keys').create({ name: 'Used' }, headers);
  assert.equal(assertProblem(refusal, 409, 'name-in-use').detail, 'The name Used is already in use.');
  assert.equal((await client.send('still here')).status, 201);
});

test('another key, or another name, is another create', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const first = await new ApiClient(server.url, 'keys').create({ name: 'Keyed' }, headers);
  assertProblem(
    await new ApiClient(server.url, 'keys').create({ name: 'Keyed' }, { 'idempotency-key': randomUUID() }),
    409,
    'name-in-use',
  );
  const other = await new ApiClient(server.url, 'keys').create({ name: 'Keyed 2' }, headers);
  assert.equal(other.status, 201);
  assert.notEqual(other.body.sessionId, first.body.sessionId);
});

test('a key of create is a UUID', async () => {
  for (const key of ['x', '1234', `${randomUUID()}0`]) {
    const refusal = await new ApiClient(server.url, 'keys').create(
      { name: 'Nobody' },
      { 'idempotency-key': key },
    );
    assertProblem(refusal, 400, 'invalid-request');
  }
  const twice = await new ApiClient(server.url, 'keys').create(
    { name: 'Nobody' },
    { 'idempotency-key': `${randomUUID()}, ${randomUUID()}` },
  );
  assertProblem(twice, 400, 'invalid-request');
});

test('a caller who has hung up before the session is opened was seen by nobody [SES-1]', async (t) => {
  let reached: () => void = () => {};
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let goOn: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const own = await startServer(
    {},
    {
      authenticator: {
        async authenticate({ name = '' }) {
          if (name === 'Ghost') {
            reached();
            await gate;
          }
          return { name, user: null };
        },
      },
    },
  );
  t.after(() => own.close());
  const watcher = await ApiClient.join(own.url, 'Watcher');
  const socket = await connect(own.port);
  const seen = once(own.app.server, 'request');
  socket.write(createRequest('Ghost'));
  const [request] = await seen;
  await isReached;
  socket.destroy();
  await once(request.socket, 'close');
  goOn();
  // A later create passes the same way: when it is answered, the ghost has been decided about.
  await ApiClient.join(own.url, 'Later');
  const { events } = (await watcher.updates({ after: watcher.cursor })).body;
  assert.deepEqual(
    events.map(({ type, name }) => `${type} ${name}`),
    ['join Watcher', 'join Later'],
  );
});

test('a caller who hangs up while the session is opened has it closed again, unless he has a key [SES-1, SES-10]', async (t) => {
  const store = new HeldStore();
  const own = await startServer({}, { store });
  t.after(() => own.close());
  const watcher = await ApiClient.join(own.url, 'Watcher');
  const key = randomUUID();
  for (const [name, headers] of [
    ['Keyless', ''],
    ['Keyed', `Idempotency-Key: ${key}\r\n`],
  ] as const) {
    const socket = await connect(own.port);
    const accepted = once(own.app.server, 'request');
    const opened = store.holdNext();
    socket.write(createRequest(name, headers));
    const [request] = await accepted;
    const letGo = await opened;
    socket.destroy();
    await once(request.socket, 'close');
    letGo();
  }
  const retried = await new ApiClient(own.url).create({ name: 'Keyed' }, { 'idempotency-key': key });
  assert.equal(retried.status, 201);
  const { events } = (await watcher.updates({ after: watcher.cursor })).body;
  assert.deepEqual(
    events.slice(1).map(({ type, name }) => `${type} ${name}`),
    ['join Keyless', 'leave Keyless', 'join Keyed'],
  );
});

test('MAX_SESSIONS and MAX_MEMBERS answer 503 with Retry-After', async (t) => {
  const full = await startServer({ MAX_SESSIONS: '1' });
  t.after(() => full.close());
  await ApiClient.join(full.url, 'Only');
  const refusal = await new ApiClient(full.url).create({ name: 'More' });
  assert.match(assertProblem(refusal, 503, 'unavailable').detail, /MAX_SESSIONS/);
  assert.match(refusal.headers.get('retry-after') ?? '', /^[1-9]\d*$/);

  const small = await startServer({ MAX_MEMBERS: '1' });
  t.after(() => small.close());
  await ApiClient.join(small.url, 'Only');
  const second = await new ApiClient(small.url).create({ name: 'More' });
  assert.match(assertProblem(second, 503, 'unavailable').detail, /MAX_MEMBERS/);
});

test('hooks refuse operations and names, and a hook that throws is a fault with an id only [SES-12]', async (t) => {
  const handles: SessionHandle[] = [];
  const own = await startServer(
    {},
    {
      hooks: {
        onSessionCreated: (handle) => {
          handles.push(handle);
        },
        authorize: (_user, operation) => {
          if (operation === 'getInitialUsers') throw new Error('secret detail');
          return operation !== 'ping';
        },
        validateName: (_user, name) => (name === 'Root' ? 'Root is not for you.' : undefined),
      },
    },
  );
  t.after(() => own.close());
  const refusal = await new ApiClient(own.url).create({ name: 'Root' });
  assert.equal(assertProblem(refusal, 422, 'invalid-name').detail, 'Root is not for you.');
  const ada = await ApiClient.join(own.url, 'Ada');
  assertProblem(await ada.ping(), 403, 'permission-denied');
  const fault = await ada.users();
  const { requestId } = assertProblem(fault, 500, 'internal');
  assert.doesNotMatch(JSON.stringify(fault.body), /secret/);
  assert.ok(own.faults.length > 0 && requestId !== '');

  assert.equal(await handles[0]?.destroy('removed'), true);
  const gone = assertProblem(await ada.getSession(), 410, 'session-gone');
  assert.deepEqual([gone.reason, gone.action], ['removed', 'stop']);
});

/** Holds the answer of `openSession` back once it is committed. */
class HeldStore extends MemoryStore {
  #hold: ((letGo: () => void) => void) | undefined;

  constructor() {
    const history = { events: 1000, bytes: 1e6, ageMs: 1e9 };
    super({ clock: systemClock, history, maxTotalBytes: 1e6 });
  }

  /** Resolves with what lets the next answer go. */
  holdNext(): Promise<() => void> {
    return new Promise((resolve) => {
      this.#hold = resolve;
    });
  }

  override async openSession(...args: Parameters<MemoryStore['openSession']>): Promise<OpenAnswer> {
    const answer = await super.openSession(...args);
    const hold = this.#hold;
    this.#hold = undefined;
    if (hold) await new Promise<void>(hold);
    return answer;
  }
}

function createRequest(name: string, headers = ''): string {
  const body = JSON.stringify({ name, credential: 'bearer' });
  return `POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

async function jsonOf(response: Response): Promise<Answer<Record<string, unknown>>['body']> {
  const body: unknown = await response.json();
  assert.ok(typeof body === 'object' && body !== null);
  return { ...body };
}

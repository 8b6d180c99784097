import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { assertProblem } from '../support/problem.ts';
import { connect, parseAnswer, readAll } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

// Time stands still in most of these: nothing but what is tested ends a wait.
const clock = new FakeClock();
let server: TestServer;
before(async () => {
  server = await startServer(
    { UPDATES_LIMIT: 'off', SESSION_TIMEOUT: 'off', MAX_STREAMS_PER_SESSION: '2' },
    { clock },
  );
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

/** Starts a waiting poll, and resolves once the server waits: a timer of its clock says so. */
async function wait(client: ApiClient, query: Record<string, string | number> = {}, signal?: AbortSignal) {
  const { pending } = clock;
  const answer = client.updates({ wait: 25, ...query }, signal);
  answer.catch(() => {});
  while (clock.pending === pending) await new Promise((resolve) => setImmediate(resolve));
  return { answer };
}

async function joinAtHead(name: string): Promise<ApiClient> {
  const client = await ApiClient.join(server.url, name);
  await client.updates();
  return client;
}

test('a waiting poll is answered by the next event, and leaves no timer behind', async () => {
  const ada = await joinAtHead('Ada');
  const { pending } = clock;
  const { answer } = await wait(ada);
  await ada.send('hello');
  const { status, body } = await answer;
  assert.equal(status, 200);
  assert.deepEqual(
    body.events.map(({ message }) => message),
    ['hello'],
  );
  assert.equal(clock.pending, pending);
});

test('a waiting poll is answered empty when its time is over', async () => {
  const ada = await joinAtHead('Late');
  const { answer } = await wait(ada, { wait: 2.5 });
  clock.advance(2_499);
  clock.advance(1);
  const { status, body } = await answer;
  assert.equal(status, 200);
  assert.deepEqual(body.events, []);
});

test('a poll with something to tell does not wait', async () => {
  const ada = await ApiClient.join(server.url, 'Prompt');
  const { pending } = clock;
  const { body } = await ada.updates({ wait: 25, after: ada.cursor });
  assert.equal(body.events.length, 1);
  const gap = await ada.updates({ wait: 25, after: 'beef-7' });
  assert.equal(gap.body.lost, null, 'a gap is told at once');
  assert.equal(clock.pending, pending);
});

test('destroy ends a waiting poll with 410 and the reason [SES-11]', async () => {
  const ada = await joinAtHead('Destroyed');
  const { answer } = await wait(ada);
  assert.equal((await ada.destroy()).status, 204);
  const gone = assertProblem(await answer, 410, 'session-gone');
  assert.deepEqual([gone.reason, gone.action], ['destroyed', 'stop']);
});

test('one waiting poll too many ends the oldest: 200, no events, and the same position [SES-11]', async () => {
  const ada = await joinAtHead('Many');
  const cursor = (await ada.users()).body.cursor;
  const [first, second] = [await wait(ada), await wait(ada)];
  const third = { answer: ada.updates({ wait: 25 }) };
  const superseded = await first.answer;
  assert.equal(superseded.status, 200);
  assert.deepEqual(superseded.body, { events: [], cursor, more: false });
  await ada.send('for both');
  for (const { answer } of [second, third]) assert.equal((await answer).body.events.length, 1);
});

test('a caller that hangs up leaves no waiter behind [SES-11]', async () => {
  const ada = await joinAtHead('Gone');
  const { pending } = clock;
  const controller = new AbortController();
  const { answer } = await wait(ada, {}, controller.signal);
  const closed = new Promise<void>((resolve) => {
    const look = () => (clock.pending === pending ? resolve() : setImmediate(look));
    look();
  });
  controller.abort();
  await assert.rejects(answer);
  await closed;
  assert.equal((await ada.send('later')).status, 201);
  assert.equal((await ada.updates()).body.events.length, 1, 'what it would have had is still there');
});

test('behind another request on the same connection nobody waits: a hang-up would not be seen', async () => {
  const ada = await joinAtHead('Pipelined');
  const { pending } = clock;
  const head = `Host: x\r\nAuthorization: Bearer ${ada.token}\r\n`;
  const url = '/v1/rooms/lobby/session/updates';
  const socket = await connect(server.port);
  const all = readAll(socket);
  socket.write(
    `GET ${url}?wait=25 HTTP/1.1\r\n${head}\r\nGET ${url}?wait=25 HTTP/1.1\r\n${head}Connection: close\r\n\r\n`,
  );
  while (clock.pending === pending) await new Promise((resolve) => setImmediate(resolve));
  // Let the second one arrive at its place, too.
  await ada.ping();
  assert.equal(clock.pending, pending + 1);
  await ada.send('wakes the first');
  const answers = (await all).split('HTTP/1.1 200').slice(1);
  assert.equal(answers.length, 2);
  assert.match(answers[0] ?? '', /wakes the first/);
  assert.deepEqual(parseAnswer(`HTTP/1.1 200${answers[1]}`).status, 200);
});

test('HEAD never joins, waits or moves a position [SES-3]', async () => {
  const push = await ApiClient.join(server.url, 'Head', { delivery: 'push' });
  const { pending } = clock;
  const head = await push.call('HEAD', '/session/updates?wait=25');
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.equal((await push.getSession()).body.state, 'reserved');
  await push.updates();
  assert.equal((await push.getSession()).body.state, 'joined');
  await push.send('still unread');
  assert.equal((await push.call('HEAD', '/session/updates')).status, 200);
  assert.equal(clock.pending, pending);
  const { events } = (await push.updates()).body;
  assert.deepEqual(
    events.map(({ message }) => message),
    ['still unread'],
  );
});

test('shutdown answers a waiting poll at once, 200 with no events [SES-11]', async () => {
  const own = await startServer({ UPDATES_LIMIT: 'off' });
  const ada = await ApiClient.join(own.url, 'Ada');
  await ada.updates();
  const requested = once(own.app.server, 'request');
  const answer = ada.updates({ wait: 25 });
  await requested;
  // The poll has been looked up, so a second request on the session finds it waiting.
  await ada.ping();
  await own.close();
  const { status, body } = await answer;
  assert.equal(status, 200);
  assert.deepEqual(body.events, []);
});

test('a session reaped, though it waits, is told so [SES-11]', async (t) => {
  const reaped = new FakeClock();
  const ends: string[] = [];
  const handles: { destroy(reason: 'expired'): Promise<boolean> }[] = [];
  const own = await startServer(
    { SESSION_TIMEOUT: '60', REAPER_INTERVAL: '5' },
    {
      clock: reaped,
      observer: { sessionEnded: (_session, reason) => ends.push(reason) },
      hooks: { onSessionCreated: (handle) => void handles.push(handle) },
    },
  );
  t.after(() => own.close());
  const ada = await ApiClient.join(own.url, 'Ada');
  await ada.updates();
  const { pending } = reaped;
  const waiting = ada.updates({ wait: 25 });
  while (reaped.pending === pending) await new Promise((resolve) => setImmediate(resolve));
  // A waiting poll keeps its session [SES-6]: what the reaper does at the end of idleness is asked for.
  await handles[0]?.destroy('expired');
  const gone = assertProblem(await waiting, 410, 'session-gone');
  assert.deepEqual([gone.reason, gone.action], ['expired', 'create']);

  const idle = await ApiClient.join(own.url, 'Idle');
  for (let i = 0; i < 14; i++) {
    reaped.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(assertProblem(await idle.updates({ wait: 25 }), 410, 'session-gone').reason, 'expired');
  assert.deepEqual(ends, ['expired', 'expired']);
});

test('over UPDATES_LIMIT a poll is refused and a long poll is held until there is room', async (t) => {
  const time = new FakeClock();
  const own = await startServer({ UPDATES_LIMIT: '2/10', SESSION_TIMEOUT: 'off' }, { clock: time });
  t.after(() => own.close());
  const ada = await ApiClient.join(own.url, 'Ada');
  await ada.updates();
  await ada.updates();
  const refusal = await ada.updates();
  assert.match(assertProblem(refusal, 429, 'rate-limited').detail, /^UPDATES_LIMIT allows 2 per 10 s\./);
  assert.equal(refusal.headers.get('retry-after'), '5');

  await ada.send('news');
  const { pending } = time;
  const held = ada.updates({ wait: 25 });
  while (time.pending === pending) await new Promise((resolve) => setImmediate(resolve));
  time.advance(4_999);
  let isAnswered = false;
  void held.then(() => {
    isAnswered = true;
  });
  assertProblem(await ada.updates(), 429, 'rate-limited');
  assert.equal(isAnswered, false, 'held, though there is news');
  time.advance(1);
  const { status, body } = await held;
  assert.equal(status, 200);
  assert.deepEqual(
    body.events.map(({ message }) => message),
    ['news'],
  );
});

test('a wait that is too short to be held is no way around UPDATES_LIMIT', async (t) => {
  const time = new FakeClock();
  const own = await startServer({ UPDATES_LIMIT: '1/10', SESSION_TIMEOUT: 'off' }, { clock: time });
  t.after(() => own.close());
  const ada = await ApiClient.join(own.url, 'Ada');
  assert.equal((await ada.updates()).status, 200);
  const refusal = await ada.updates({ wait: 0.001, after: ada.cursor });
  assertProblem(refusal, 429, 'rate-limited');
});

test('MAX_STREAMS_PER_IP counts waiting polls, and names itself', async (t) => {
  const time = new FakeClock();
  const own = await startServer({ MAX_STREAMS_PER_IP: '1', SESSION_TIMEOUT: 'off' }, { clock: time });
  t.after(() => own.close());
  const [ada, bob] = [await ApiClient.join(own.url, 'Ada'), await ApiClient.join(own.url, 'Bob')];
  for (const client of [ada, bob]) await client.updates();
  const { pending } = time;
  const waiting = ada.updates({ wait: 25 });
  while (time.pending === pending) await new Promise((resolve) => setImmediate(resolve));
  const refusal = await bob.updates({ wait: 25 });
  assert.match(assertProblem(refusal, 429, 'rate-limited').detail, /MAX_STREAMS_PER_IP allows 1/);
  assert.match(refusal.headers.get('retry-after') ?? '', /^[1-9]/);
  assert.equal((await bob.updates()).status, 200, 'who does not wait is not counted');
  await bob.send('wake up');
  assert.equal((await waiting).status, 200);
});

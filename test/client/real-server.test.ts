import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AppParts } from '../../src/app.ts';
import { join, type RoomClient } from '../../src/client/index.ts';
import type { JoinOptions } from '../../src/client/join.ts';
import type { SessionHandle } from '../../src/core/hooks.ts';
import { LastingServer } from '../fault/support/lasting-server.ts';
import { ApiClient } from '../support/api-client.ts';
import { StatusStore } from '../support/status-store.ts';
import { startServer, type TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { MemoryStorage } from './support/memory-storage.ts';
import { MoodyProxy } from './support/moody-proxy.ts';
import { SkippingSchedule } from './support/skipping-schedule.ts';

async function started(
  t: TestContext,
  options: Record<string, string> = {},
  parts: Partial<AppParts> = {},
): Promise<TestServer> {
  const server = await startServer({ READ_LIMIT: 'off', UPDATES_LIMIT: 'off', ...options }, parts);
  t.after(() => server.close());
  return server;
}

/** A client, and what it was told: in words, one line each. */
async function joined(
  t: TestContext,
  url: string,
  name: string,
  options: Partial<JoinOptions> = {},
): Promise<{ client: RoomClient; log: string[]; states: string[] }> {
  const client = await join({ url, room: 'lobby', name, ...options });
  t.after(() => client.close());
  const log: string[] = [];
  const states: string[] = [];
  client.on('message', ({ name, message }) => log.push(`${name}: ${message}`));
  client.on('join', ({ name }) => log.push(`${name} came`));
  client.on('leave', ({ name }) => log.push(`${name} left`));
  client.on('gap', (lost) => log.push(`gap ${lost}`));
  client.on('state', (state) => states.push(state));
  await waitUntil(() => client.state === 'live' || client.state === 'polling', `${name} is inside`);
  return { client, log, states };
}

const has = (log: readonly string[], line: string) =>
  waitUntil(() => log.includes(line), `somebody hears "${line}"`);

test('two clients talk, see each other come and go, and hear everything in one order', async (t) => {
  const server = await started(t);
  const ada = await joined(t, server.url, 'Ada');
  await has(ada.log, 'Ada came');
  const bob = await joined(t, server.url, 'Bob');
  assert.deepEqual(bob.client.roster, ['Ada', 'Bob'].slice(0, bob.client.roster.length));
  const { id } = await ada.client.send('Hello Bob');
  assert.deepEqual(await bob.client.send('Hello Ada').then((sent) => sent.id), id + 1);
  await has(ada.log, 'Bob: Hello Ada');
  assert.deepEqual(ada.client.roster, ['Ada', 'Bob']);
  await bob.client.leave();
  await has(ada.log, 'Bob left');
  assert.deepEqual(ada.log, ['Ada came', 'Bob came', 'Ada: Hello Bob', 'Bob: Hello Ada', 'Bob left']);
  assert.deepEqual(ada.client.roster, ['Ada']);
  assert.deepEqual(ada.client.outbox, []);
});

test('what the server tells one client alone is told by stream and by poll, and to nobody else', async (t) => {
  const handles = new Map<string, SessionHandle>();
  const server = await started(
    t,
    {},
    { hooks: { onSessionCreated: (handle) => void handles.set(handle.name, handle) } },
  );
  const notices: string[] = [];
  const hearing = async (name: string, options: Partial<JoinOptions> = {}) => {
    const { client } = await joined(t, server.url, name, options);
    client.on('notice', (data) => notices.push(`${name}: ${JSON.stringify(data)}`));
    return client;
  };
  const noStream: typeof fetch = async (input, init) =>
    String(input).includes('/events') ? new Response('', { status: 404 }) : fetch(input, init);
  await hearing('Ada');
  const bob = await hearing('Bob', { fetch: noStream });
  assert.equal(bob.state, 'polling');
  handles.get('Ada')?.notify({ score: 1 });
  handles.get('Bob')?.notify({ score: 2 });
  await waitUntil(() => notices.length === 2, 'both are told');
  assert.deepEqual(notices.sort(), ['Ada: {"score":1}', 'Bob: {"score":2}']);
});

test('SES-8: a server that is killed and started again: it goes on by itself, nobody left, and what waited is said once', async (t) => {
  const server = await LastingServer.open(t);
  await server.start();
  const ada = await joined(t, server.url, 'Ada');
  const bob = await joined(t, server.url, 'Bob');
  await ada.client.send('before');
  await has(bob.log, 'Ada: before');
  await server.kill();
  await waitUntil(() => ada.client.state !== 'live', 'Ada notices');
  const answers = [ada.client.send('one'), ada.client.send('two')];
  await server.start();
  await Promise.all(answers);
  await has(bob.log, 'Ada: two');
  await has(ada.log, 'Ada: two');
  assert.deepEqual(bob.log.slice(-3), ['Ada: before', 'Ada: one', 'Ada: two']);
  assert.deepEqual(
    ada.log.filter((line) => !line.startsWith('Ada: ')),
    ['Ada came', 'Bob came'],
  );
});

test('LOG-5: a restart that loses everything is told as a gap, and one is inside again under the same name', async (t) => {
  const first = await startServer();
  const ada = await joined(t, first.url, 'Ada');
  await ada.client.send('before');
  await first.close();
  await started(t, { PORT: String(first.port) });
  await has(ada.log, 'gap null');
  await waitUntil(() => ada.client.state === 'live', 'Ada is back');
  await ada.client.send('after');
  await has(ada.log, 'Ada: after');
  assert.deepEqual(ada.log.slice(-3), ['gap null', 'Ada came', 'Ada: after']);
  assert.deepEqual(ada.client.roster, ['Ada']);
});

test('behind a proxy that gathers answers it polls, and returns to the stream when there is one', async (t) => {
  const server = await started(t);
  const proxy = await MoodyProxy.open(server.port);
  t.after(() => proxy.close());
  proxy.become('gathers');
  const schedule = new SkippingSchedule();
  const skipping = setInterval(() => schedule.skip(1_000), 50);
  t.after(() => clearInterval(skipping));
  const ada = await joined(t, proxy.url, 'Ada', { schedule });
  clearInterval(skipping);
  assert.equal(ada.client.state, 'polling');
  const bob = await joined(t, server.url, 'Bob');
  await bob.client.send('through a poll');
  await has(ada.log, 'Bob: through a poll');
  await ada.client.send('from behind it');
  await has(bob.log, 'Ada: from behind it');
  proxy.become('fair');
  schedule.skip(61_000);
  await waitUntil(() => ada.client.state === 'live', 'the stream is back');
  await bob.client.send('through the stream');
  await has(ada.log, 'Bob: through the stream');
  assert.deepEqual(ada.log, [
    'Ada came',
    'Bob came',
    'Bob: through a poll',
    'Ada: from behind it',
    'Bob: through the stream',
  ]);
});

test('SES-10: answers that are lost on the way double nothing: not the member, not the message', async (t) => {
  const server = await started(t);
  const bob = await joined(t, server.url, 'Bob');
  const proxy = await MoodyProxy.open(server.port);
  t.after(() => proxy.close());
  proxy.become('deaf');
  const joining = joined(t, proxy.url, 'Ada');
  await waitUntil(() => proxy.asked.length >= 2, 'Ada asks again');
  proxy.become('fair');
  const ada = await joining;
  proxy.become('deaf');
  const sends = () => proxy.asked.filter((line) => line.endsWith('/messages')).length;
  const answer = ada.client.send('hello');
  await waitUntil(() => sends() >= 2, 'Ada sends again');
  proxy.become('fair');
  await answer.catch(() => assert.fail('it was said'));
  await bob.client.send('the end');
  await has(bob.log, 'Bob: the end');
  assert.deepEqual(bob.log, ['Bob came', 'Ada came', 'Ada: hello', 'Bob: the end']);
});

test('a limit slows it down, and ends nothing: all is said, once and in order', async (t) => {
  const server = await started(t, { SEND_LIMIT: '3/1', FLOOD_STRIKES: '5' });
  const ada = await joined(t, server.url, 'Ada');
  const texts = Array.from({ length: 9 }, (_, i) => `message ${i}`);
  await Promise.all(texts.map((text) => ada.client.send(text)));
  await has(ada.log, 'Ada: message 8');
  assert.deepEqual(
    ada.log.slice(1),
    texts.map((text) => `Ada: ${text}`),
  );
});

test('a message that the server cannot keep waits for the store, however often it was refused', async (t) => {
  const store = new StatusStore();
  const server = await started(t, {}, { store });
  const ada = await joined(t, server.url, 'Ada');
  const away: boolean[] = [];
  ada.client.on('store', (isAway) => away.push(isAway));
  store.fail('append', 'before');
  store.become('away');
  await waitUntil(() => away.includes(true), 'Ada hears that the store is away');
  const answer = ada.client.send('patience');
  await waitUntil(() => (store.calls.get('append') ?? 0) > 0, 'it was refused');
  assert.deepEqual(
    ada.client.outbox.map(({ state }) => state),
    ['waiting'],
  );
  store.heal();
  store.become('ready');
  await answer;
  await has(ada.log, 'Ada: patience');
  assert.equal(away.at(-1), false);
});

test('SES-7: who was away too long is created again by itself, and what it had sent is looked for in the log', async (t) => {
  const server = await started(t, { SESSION_TIMEOUT: '1', REAPER_INTERVAL: '0.1' });
  const bob = await joined(t, server.url, 'Bob');
  const proxy = await MoodyProxy.open(server.port);
  t.after(() => proxy.close());
  const ada = await joined(t, proxy.url, 'Ada');
  proxy.become('deaf');
  const arrived = ada.client.send('said, and nobody heard that it was');
  await has(bob.log, 'Ada: said, and nobody heard that it was');
  proxy.become('gone');
  const waiting = ada.client.send('said later');
  await has(bob.log, 'Ada left');
  proxy.become('fair');
  ada.client.nudge();
  const [first, second] = await Promise.all([arrived, waiting]);
  assert.ok(first.id < second.id);
  await has(bob.log, 'Ada: said later');
  await has(ada.log, 'Ada: said later');
  const expected = [
    'Ada came',
    'Ada: said, and nobody heard that it was',
    'Ada left',
    'Ada came',
    'Ada: said later',
  ];
  assert.deepEqual(bob.log.slice(1), expected);
  assert.deepEqual(ada.log, expected, 'without a gap');
  assert.equal(ada.client.state, 'live');
});

test('LOG-5: what is no longer kept is a gap, with its size and the roster behind it; what may lie in it is left to the user', async (t) => {
  const server = await started(t, {
    SESSION_TIMEOUT: '1',
    REAPER_INTERVAL: '0.1',
    HISTORY_EVENTS: '10',
    SEND_LIMIT: 'off',
  });
  const proxy = await MoodyProxy.open(server.port);
  t.after(() => proxy.close());
  const ada = await joined(t, proxy.url, 'Ada');
  await has(ada.log, 'Ada came');
  const bob = await joined(t, server.url, 'Bob');
  await has(ada.log, 'Bob came');
  proxy.become('deaf');
  const unsure = ada.client.send('maybe').catch((error) => error.problem.code);
  await has(bob.log, 'Ada: maybe');
  proxy.become('gone');
  await has(bob.log, 'Ada left');
  for (let i = 0; i < 20; i++) await bob.client.send(`${i}`);
  proxy.become('fair');
  ada.client.nudge();
  assert.equal(await unsure, 'maybe-sent');
  await has(ada.log, 'Bob: 19');
  const gap = ada.log.find((line) => line.startsWith('gap'));
  const told = ada.log.length - 1;
  const total = bob.log.length + 1;
  assert.equal(Number(gap?.slice(4)) + told, total, `${ada.log} of ${bob.log}`);
  assert.deepEqual(ada.client.roster.toSorted(), ['Ada', 'Bob']);
});

test('who is shown out stops, and says why; who logs in elsewhere is not followed', async (t) => {
  const handles = new Map<string, SessionHandle>();
  const server = await started(
    t,
    {},
    { hooks: { onSessionCreated: (handle) => void handles.set(handle.name, handle) } },
  );
  for (const reason of ['removed', 'taken-over', 'flooding'] as const) {
    const { client, states } = await joined(t, server.url, reason);
    const unsent = client.send('x'.repeat(10_000)).catch((error) => error.problem.code);
    assert.equal(await unsent, 'invalid-message');
    await handles.get(reason)?.destroy(reason);
    await waitUntil(() => client.state === 'ended', `it has ended as ${reason}`);
    assert.deepEqual([client.ending?.reason, client.ending?.action], [reason, 'stop']);
    assert.equal(states.at(-1), 'ended');
  }
  const { status } = await new ApiClient(server.url).call('GET', '/session');
  assert.equal(status, 401);
});

test('a program that is started again goes on in its session, from the cursor it had', async (t) => {
  const server = await started(t);
  const bob = await joined(t, server.url, 'Bob');
  const storage = new MemoryStorage();
  const first = await joined(t, server.url, 'Ada', { storage });
  await has(first.log, 'Ada came');
  const { cursor } = first.client;
  first.client.close();
  await bob.client.send('meanwhile');
  const second = await joined(t, server.url, 'Ada', { storage, after: cursor });
  await has(second.log, 'Bob: meanwhile');
  assert.deepEqual(second.log, ['Bob: meanwhile']);
  assert.equal(
    second.client.session?.sessionId,
    first.client.session?.sessionId ?? second.client.session?.sessionId,
  );
  assert.deepEqual(bob.log, ['Bob came', 'Ada came', 'Bob: meanwhile']);
});

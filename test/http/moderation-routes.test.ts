import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { Value } from '@sinclair/typebox/value';
import type { ChatRoomEvent } from '../../src/core/events.ts';
import { EventsAnswer } from '../../src/schemas/room.ts';
import { adminToken, startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { told } from '../support/domain.ts';
import { has } from '../support/needs.ts';
import { assertProblem } from '../support/problem.ts';
import { commandsOf } from '../support/readme.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import { StatusStore } from '../support/status-store.ts';
import type { startServer } from '../support/test-server.ts';

async function setUp(t: TestContext, ...[options, parts]: Parameters<typeof startServer>) {
  const server = await startAdminServer(t, options, parts);
  const ask = (method: string, path: string, body?: unknown, token?: string) =>
    server.ask(method, `/rooms${path}`, body, token);
  const announce = (message: unknown, room = 'lobby') => ask('POST', `/${room}/announcements`, { message });
  const redact = (id: number | string, room = 'lobby') => ask('DELETE', `/${room}/messages/${id}`);
  return { ...server, ask, announce, redact };
}

test('an announcement is heard on streams, feeds and polls, in nobody’s name', async (t) => {
  const { url, announce, deeds } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  const stream = await ada.subscribe('?after=0');
  const feed = await ada.feed();
  await stream.expect('join');
  await feed.expect('init');
  const { status, body } = await announce('We close\r\nat noon.');
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(body), ['id', 'timestamp']);
  const event = {
    id: 2,
    type: 'announcement',
    timestamp: body.timestamp,
    message: 'We close\nat noon.',
  };
  assert.equal(body.id, 2);
  for (const reader of [stream, feed]) {
    const { data, id } = await reader.expect('announcement');
    assert.equal(data, JSON.stringify(event));
    assert.match(id ?? '', /-2$/);
    reader.close();
  }
  assert.deepEqual((await ada.updates({ after: '0' })).body.events[1], event);
  assert.deepEqual((await ada.history()).body.events[1], event);
  assert.deepEqual((await ada.users()).body.users, ['Ada']);
  assert.deepEqual(deeds, [{ address: '127.0.0.1', act: 'announced', room: 'lobby', eventId: 2 }]);
});

test('[LOG-4] what is redacted nobody reads any more, and everybody is told', async (t) => {
  const { url, announce, redact, ask, deeds } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob');
  await ada.send('a secret', 'k1');
  await announce('a secret');
  const stream = await bob.subscribe();
  await stream.expect('init');
  const cursor = (await bob.updates()).body.cursor;
  const waiting = bob.updates({ wait: 25, after: cursor });

  const { status, body } = await ask('DELETE', '/lobby/messages/3?reason=He%20asked%20for%20it.');
  assert.equal(status, 200);
  assert.deepEqual(body, { id: 5, timestamp: body.timestamp });
  const redaction = { id: 5, type: 'redaction', timestamp: body.timestamp, target: 3 };
  assert.deepEqual((await waiting).body.events, [redaction]);
  assert.equal((await stream.expect('redaction')).data, JSON.stringify(redaction));
  stream.close();
  assert.deepEqual((await redact(3)).body, body, 'asked again, the answer is the same');
  assert.equal((await redact(4)).body.id, 6);

  for (const { body: read } of [await bob.updates({ after: '0' }), await bob.history()]) {
    assert.doesNotMatch(JSON.stringify(read), /secret/);
    assert.deepEqual([...Value.Errors(EventsAnswer, read)], []);
    assert.deepEqual(
      read.events.map(({ id, type }) => `${id} ${type}`),
      ['1 join', '2 join', '3 message', '4 announcement', '5 redaction', '6 redaction'],
    );
    const { timestamp } = read.events[2] ?? {};
    assert.equal(
      JSON.stringify(read.events[2]),
      `{"id":3,"type":"message","timestamp":${timestamp},"name":"Ada","message":"","key":"k1","redacted":true}`,
    );
  }
  const replay = await bob.subscribe('?after=0');
  for (const type of ['join', 'join', 'message', 'announcement', 'redaction', 'redaction']) {
    await replay.expect(type);
  }
  assert.doesNotMatch(replay.raw, /secret/);
  replay.close();
  assert.equal((await ada.send('another text', 'k1')).body.id, 3, 'its key is known, its text is not');
  const by = { address: '127.0.0.1', act: 'message redacted', room: 'lobby' };
  assert.deepEqual(deeds.slice(1), [
    { ...by, target: 3, reason: '"He asked for it."', eventId: 5 },
    { ...by, target: 3, eventId: 5 },
    { ...by, target: 4, eventId: 6 },
  ]);
});

test('[LOG-4, FAN-3] a stream that has not taken a message yet never sends what was redacted meanwhile', async (t) => {
  const { redact, ...server } = await setUp(t, {
    MAX_MESSAGE_BYTES: '64KiB',
    HISTORY_BYTES: '64MiB',
    SLOW_CLIENT_SECONDS: '60',
  });
  const sockets = new ServerSockets(server);
  const ada = await ApiClient.join(server.url, 'Ada');
  const [slow, other] = [await ada.feed(), await ada.feed()];
  for (const feed of [slow, other]) await feed.expect('init');
  slow.pause();
  await sockets.fill(slow.response.socket, () => ada.send('x'.repeat(60_000)));
  const { body: secret } = await ada.send('a secret');
  // Encoded already: it stands where the slow one will go on one day.
  await ada.send('harmless');
  while (!other.raw.includes('harmless')) await other.next();
  const { body: redaction } = await redact(secret.id);
  slow.resume();
  for (;;) {
    const event = await slow.next();
    assert.ok(event, 'the stream is open');
    if (event.type === 'redaction') {
      assert.equal(JSON.parse(event.data).id, redaction.id);
      break;
    }
  }
  assert.match(other.raw, /a secret/, 'who was quick has had it');
  assert.doesNotMatch(slow.raw, /a secret/);
  assert.match(slow.raw, /"message":"","redacted":true/);
  assert.match(slow.raw, /harmless/);
  slow.close();
  other.close();
});

test('[LOG-4] what was encoded for one stream is not given to the next after a redaction', async (t) => {
  const { url, redact } = await setUp(t, { MAX_MESSAGE_BYTES: '64KiB' });
  const ada = await ApiClient.join(url, 'Ada');
  await ada.send('a secret');
  // More than goes out at once: what goes first is the same whatever comes at the end.
  for (let i = 0; i < 3; i++) await ada.send('x'.repeat(60_000));
  await ada.send('harmless');
  for (const [isRedacted, expected] of [
    [false, /a secret/],
    [true, /"redacted":true/],
  ] as const) {
    // Nobody listens at the moment of the redaction.
    if (isRedacted) await redact(2);
    const stream = await ada.subscribe('?after=0');
    while (!stream.raw.includes('harmless')) await stream.next();
    assert.match(stream.raw, expected);
    if (isRedacted) assert.doesNotMatch(stream.raw, /a secret/);
    stream.close();
  }
});

test('only messages and announcements that are kept can be redacted', async (t) => {
  const { url, redact, announce, deeds } = await setUp(t, { HISTORY_EVENTS: '4', ROOMS: 'lobby,hall' });
  const ada = await ApiClient.join(url, 'Ada');
  await ada.send('hello');
  await redact(2);
  const before = deeds.length;
  const wrong = [
    [1, 'lobby', /no message and no announcement/],
    [3, 'lobby', /no message and no announcement/],
    [4, 'lobby', /keeps no event 4/],
    [Number.MAX_SAFE_INTEGER, 'lobby', /keeps no event/],
    [1, 'hall', /keeps no event 1/],
  ] as const;
  for (const [id, room, detail] of wrong) {
    assert.match(assertProblem(await redact(id, room), 404, 'not-found').detail, detail);
  }
  assertProblem(await redact(1, 'attic'), 404, 'room-not-found');
  for (const id of ['0', '-1', '1.5', 'x', '%20', '9007199254740993']) {
    assertProblem(await redact(id), 400, 'invalid-request');
  }
  for (let i = 0; i < 5; i++) await announce(`${i}`);
  assertProblem(await redact(2), 404, 'not-found');
  assert.equal(deeds.length, before + 5, 'what was refused is no deed');
});

test('what is announced keeps the rules of a message, and nobody but the operator announces', async (t) => {
  const { url, ask, announce, redact, deeds } = await setUp(t, { MAX_MESSAGE_BYTES: '20' });
  for (const text of ['', ' \n ', 'x'.repeat(21), 'a\u0007b', '\ud800']) {
    assertProblem(await announce(text), 422, 'invalid-message');
  }
  for (const body of [{}, { message: 1 }, { message: 'x', name: 'Ada' }, []]) {
    assertProblem(await ask('POST', '/lobby/announcements', body), 400, 'invalid-request');
  }
  assertProblem(await announce('hello', 'attic'), 404, 'room-not-found');
  assertProblem(await ask('DELETE', '/lobby/messages/1?reason=a%0ab'), 422, 'invalid-message');
  assert.deepEqual(deeds, []);
  const ada = await ApiClient.join(url, 'Ada');
  assertProblem(
    await ask('POST', '/lobby/announcements', { message: 'x' }, String(ada.token)),
    401,
    'credentials-required',
  );
  assertProblem(await ask('DELETE', '/lobby/messages/1', undefined, 'wrong'), 401, 'credentials-required');
  assert.equal((await ada.history()).body.events.length, 1);
  assertProblem(await redact(1), 404, 'not-found');
});

test('the commands of the docs announce and redact', async (t) => {
  if (!has(t, 'curl')) return;
  const { url } = await setUp(t);
  const commands = commandsOf('moderation', 'docs/api.md').replaceAll('http://127.0.0.1:3000', url);
  const { stdout } = await promisify(execFile)('sh', ['-ec', commands], {
    env: { PATH: process.env.PATH, ADMIN_TOKEN: adminToken },
  });
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
    [1, 2],
  );
  const { events } = (await new ApiClient(url).history()).body;
  assert.deepEqual(told(events as ChatRoomEvent[]), ['! ', 'x1']);
});

test('what the store may have kept is audited too, as uncertain', async (t) => {
  const store = new StatusStore();
  const { announce, redact, deeds } = await setUp(t, {}, { store });
  await announce('one');
  store.fail('announce', 'after');
  store.fail('redact', 'before');
  assertProblem(await announce('two'), 503, 'unavailable');
  assertProblem(await redact(1), 503, 'unavailable');
  store.heal();
  const by = { address: '127.0.0.1', room: 'lobby' };
  assert.deepEqual(deeds.slice(1), [
    { ...by, act: 'announced', isUncertain: true },
    { ...by, act: 'message redacted', target: 1, isUncertain: true },
  ]);
  assert.equal((await redact(1)).status, 200);
});

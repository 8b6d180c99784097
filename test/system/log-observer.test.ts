import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { logObserver, logProblems } from '../../src/system/log-observer.ts';
import { ApiClient } from '../support/api-client.ts';
import { exchange } from '../support/raw-http.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const name = 'Grace Hopper';
const text = 'attack at dawn';

/** What a talk leaves in the log at a level. */
async function logOfATalk(
  level: 'trace' | 'info',
): Promise<{ lines: Record<string, unknown>[]; token: string }> {
  const written: string[] = [];
  const log = pino({ level }, { write: (line: string) => written.push(line) });
  const server = await startServer(
    { SEND_LIMIT: '2/60' },
    { observer: logObserver(log), reportProblem: logProblems(log) },
  );
  const client = await ApiClient.join(server.url, name);
  await client.send(text, 'secret-key');
  await client.send(`${text}\0`);
  await client.send(text);
  const stream = await client.subscribe('?after=beef-1');
  await stream.expect('init');
  await client.updates();
  await client.call('POST', '/session/messages', { massage: text });
  await client.destroy();
  await stream.rest();
  await server.close();
  return { lines: written.map((line) => JSON.parse(line)), token: client.token ?? '' };
}

test('sessions are logged by their id, from creation to end', async () => {
  const { lines } = await logOfATalk('info');
  const told = lines.map(({ msg, room, reason }) => [msg, room, reason]);
  assert.deepEqual(told, [
    ['session created', 'lobby', undefined],
    ['session ended', 'lobby', 'destroyed'],
  ]);
  assert.equal(lines[0]?.sessionId, lines[1]?.sessionId);
});

test('no level logs what was said, a key or a token; names come at debug only', async () => {
  for (const level of ['trace', 'info'] as const) {
    const { lines, token } = await logOfATalk(level);
    assert.ok(token.length > 0 && lines.length > 1);
    const whole = JSON.stringify(lines);
    for (const secret of [text, 'secret-key', token]) assert.equal(whole.includes(secret), false, secret);
    const named = lines.filter((line) => JSON.stringify(line).includes(name));
    assert.equal(named.length > 0, level === 'trace');
    for (const line of named) assert.ok(Number(line.level) <= 20, 'debug or below');
  }
});

test('what the store still has of sessions that ended is a warning', () => {
  const lines: { level: number; sessions: number; msg: string }[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  logObserver(log).closingsLost?.(3);
  assert.deepEqual(
    lines.map(({ level, sessions }) => [level, sessions]),
    [[40, 3]],
  );
});

test('what fails unnoticed is an error, a slow stream a warning', () => {
  const lines: { level: number; msg: string; err?: { message: string }; doing?: string }[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const observer = logObserver(log);
  observer.fault?.(new Error('disk full'), 'closing a session');
  observer.streamEnded?.('lobby', 'slow');
  observer.streamEnded?.('lobby', 'closed');
  observer.gapTold?.('lobby', 3);
  assert.deepEqual(
    lines.map(({ level }) => level),
    [50, 40, 20, 20],
  );
  assert.deepEqual([lines[0]?.err?.message, lines[0]?.doing], ['disk full', 'closing a session']);
});

test('a store that goes away is an error, and that it is back is told; not that it is ready at the start', () => {
  const lines: { level: number; msg: string; why?: string }[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const observer = logObserver(log);
  for (const status of ['ready', 'away', 'ready', 'ready'] as const) {
    observer.storeStatus?.(status, status === 'away' ? 'connect ECONNREFUSED' : undefined);
  }
  observer.storeReconnected?.('read ECONNRESET');
  observer.logReplaced?.('lobby', true);
  observer.logReplaced?.('lobby', false);
  assert.deepEqual(
    lines.map(({ level, msg, why }) => [level, msg, why]),
    [
      [50, 'the store is away: nothing can be committed', 'connect ECONNREFUSED'],
      [30, 'the store is back', undefined],
      [40, 'a connection to the store was lost and is back', 'read ECONNRESET'],
      [40, 'the store has lost what was said in a room: its log begins anew', undefined],
      [40, 'more of a room was missed than is kept', undefined],
    ],
  );
});

test('a fault is an error with its stack, a refusal a line at debug, both with the id the client got', () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const report = logProblems(log);
  report({ requestId: 'r-1', code: 'internal', status: 500 }, new Error('broken'));
  report(
    { requestId: 'r-2', code: 'name-in-use', status: 409 },
    new Error('The name Ada is already in use.'),
  );
  assert.deepEqual(
    lines.map(({ level, requestId, msg }) => [level, requestId, msg]),
    [
      [50, 'r-1', 'request failed'],
      [20, 'r-2', 'request refused'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(lines[1]), /Ada/);
});

test('the audit log is written whatever else is, one line of JSON for each deed', () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'silent' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const observer = logObserver(log);
  observer.streamOpened?.('lobby', false);
  observer.administered?.({ act: 'refused', address: '192.0.2.1' });
  observer.administered?.({
    act: 'session removed',
    address: '192.0.2.2',
    sessionId: 'id-1',
    room: 'lobby',
    name: 'Ada',
    userId: 'two\nlines',
    reason: '"because"',
  });
  assert.deepEqual(
    lines.map(({ time, pid, hostname, ...line }) => line),
    [
      { level: 30, audit: true, address: '192.0.2.1', msg: 'administration: refused' },
      {
        level: 30,
        audit: true,
        address: '192.0.2.2',
        sessionId: 'id-1',
        room: 'lobby',
        name: 'Ada',
        userId: 'two\nlines',
        reason: '"because"',
        msg: 'administration: session removed',
      },
    ],
  );
});

test('the line of a session’s end says why, how long it was there, and what it was sent', async (t) => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await startServer({}, { observer: logObserver(log) });
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, name);
  const bob = await ApiClient.join(server.url, 'Bob', { delivery: 'push' });
  const [one, other] = [await bob.subscribe(), await bob.subscribe()];
  for (const stream of [one, other]) await stream.expect('init');
  await one.expect('join');
  await ada.send(text);
  for (const stream of [one, other]) while ((await stream.next())?.type !== 'message');
  one.close();
  const reading = await ada.updates({ after: ada.cursor });
  await ada.destroy();
  await other.expect('leave');
  await bob.destroy();
  await other.rest();
  const [adas, bobs] = lines.filter(({ msg }) => msg === 'session ended');
  const { level, time, pid, hostname, msg, seconds, inboundSeconds, outboundSeconds, ...told } = adas ?? {};
  const { sessionId } = lines.find((line) => line.msg === 'session created') ?? {};
  const bytes = JSON.stringify(reading.body).length;
  assert.deepEqual(told, {
    sessionId,
    room: 'lobby',
    reason: 'destroyed',
    delivery: 'pull',
    bytes,
    events: 3,
  });
  for (const value of [seconds, inboundSeconds, outboundSeconds]) {
    assert.ok(typeof value === 'number' && value >= 0 && value < 600, `${value}`);
  }
  // One stream had a join, a message; the other the join if it was there already, and a leave too.
  assert.deepEqual([bobs?.reason, bobs?.delivery], ['destroyed', 'push']);
  assert.ok(bobs?.events === 4 || bobs?.events === 5, `${bobs?.events}`);
  assert.ok(Number(bobs?.bytes) > 800, `${bobs?.bytes}`);
});

test('the requestId of every error answer is in the log, with what was asked and refused', async (t) => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await startServer(
    { SEND_LIMIT: '1/60', MAX_MEMBERS: '2' },
    { reportProblem: logProblems(log) },
  );
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, name);
  await ada.send('one');
  const { sessionId } = (await ada.getSession()).body;
  const session = '/v1/rooms/:room/session';
  const limited = {
    code: 'rate-limited',
    method: 'POST',
    route: `${session}/messages`,
    sessionId,
    limit: 'SEND_LIMIT',
  };
  await expectLogged((await ada.send('two')).body, limited);
  const destroyed = await ApiClient.join(server.url, 'Bob');
  const full = await new ApiClient(server.url).create({ name: 'Cy' });
  await expectLogged(full.body, {
    code: 'unavailable',
    method: 'POST',
    route: session,
    limit: 'MAX_MEMBERS',
  });
  await destroyed.destroy();
  const gone = { code: 'session-gone', method: 'POST', route: `${session}/ping`, reason: 'destroyed' };
  await expectLogged((await destroyed.ping()).body, gone);
  const ask = async (path: string, method = 'GET') => (await fetch(server.url + path, { method })).json();
  await expectLogged(await ask('/nothing/is/here'), { code: 'not-found', method: 'GET' });
  await expectLogged(await ask('/v1/rooms/nowhere'), {
    code: 'room-not-found',
    method: 'GET',
    route: '/v1/rooms/:room',
  });
  await expectLogged(await ask('/livez', 'DELETE'), {
    code: 'method-not-allowed',
    method: 'DELETE',
    route: '/livez',
  });
  await expectLogged(await ask('/%zz'), { code: 'invalid-request', method: 'GET' });
  const { body } = await exchange(server.port, 'NONSENSE\r\n\r\n');
  await expectLogged(body, { code: 'invalid-request' });

  async function expectLogged(problem: unknown, expected: Record<string, unknown>): Promise<void> {
    const { requestId, status } = problem as Record<string, unknown>;
    assert.equal(typeof requestId, 'string');
    const found = lines.filter((line) => line.requestId === requestId);
    const told = found.map(({ level, time, pid, hostname, msg, ...rest }) => rest);
    assert.deepEqual(told, [{ requestId, status, ...expected }]);
  }
});

test('what went through a stream that its client has closed is counted at the end of the session', async (t) => {
  const lines: Record<string, unknown>[] = [];
  const closed: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const observer = logObserver(log);
  observer.streamEnded = (_room, reason) => closed.push(reason);
  const server = await startServer({}, { observer });
  t.after(() => server.close());
  const bob = await ApiClient.join(server.url, 'Bob', { delivery: 'push' });
  const stream = await bob.subscribe();
  await stream.expect('init');
  await stream.expect('join');
  const { status } = await bob.send('x'.repeat(1000));
  assert.equal(status, 201);
  await stream.expect('message');
  stream.close();
  await waitUntil(() => closed.length === 1, 'the stream is closed');
  await bob.destroy();
  const end = lines.find(({ msg }) => msg === 'session ended');
  assert.equal(end?.events, 2);
  assert.ok(Number(end?.bytes) > 1000 && Number(end?.bytes) < 4000, `${end?.bytes}`);
});

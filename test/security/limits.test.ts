/** Flood control: what each limit says, that it holds, and that whoever waits as long as he is told is let in. */

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Answer, ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { writePasswords } from '../support/password-file.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';

const adminToken = 'a-secret-of-enough-characters';
const proxy = '127.0.0.1';

async function setUp(t: TestContext, options: Record<string, string> = {}) {
  const clock = new FakeClock();
  const free = Object.fromEntries(
    ['SEND_LIMIT', 'UPDATES_LIMIT', 'CREATE_LIMIT', 'READ_LIMIT', 'FLOOD_STRIKES'].map((name) => [
      name,
      'off',
    ]),
  );
  const all = { TRUST_PROXY: proxy, ADMIN_TOKEN: adminToken, SESSION_TIMEOUT: 'off', ...free, ...options };
  const server = await startServer(all, { clock });
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  const as = (client: ApiClient, address: string) => ({
    ...client.credentials(),
    'x-forwarded-for': address,
  });
  return { ...server, clock, as };
}

/** What a 429 says, in its body and its head alike. */
function limitOf(answer: Answer): { name: string; count: number; window: number; retryAfter: number } {
  const { detail, limit } = assertProblem(answer, 429, 'rate-limited');
  const policy = /^"(\w+)";q=(\d+);w=(\d+)$/.exec(answer.headers.get('ratelimit-policy') ?? '');
  const retryAfter = Number(answer.headers.get('retry-after'));
  assert.ok(policy, String(answer.headers.get('ratelimit-policy')));
  assert.equal(answer.headers.get('ratelimit'), `"${policy[1]}";r=0;t=${retryAfter}`);
  assert.equal(limit, policy[1]);
  assert.match(detail, new RegExp(`Try again in ${retryAfter} s\\.$`));
  return { name: policy[1] ?? '', count: Number(policy[2]), window: Number(policy[3]), retryAfter };
}

type SetUp = Awaited<ReturnType<typeof setUp>>;

interface Case {
  readonly limit: string;
  readonly options: Record<string, string>;
  readonly count: number;
  readonly window: number;
  /** Makes what is asked for again and again. */
  readonly ready: (server: SetUp) => Promise<() => Promise<Answer>>;
  /** What it answers within the limit. */
  readonly within: number;
}

const passwordCase = (t: TestContext): Case => {
  const path = join(temporaryFolder(t), 'users');
  writePasswords(path, { Ada: 'correct horse' });
  return {
    limit: 'AUTH',
    options: { AUTH: `file:${path}` },
    count: 10,
    window: 60,
    within: 401,
    ready: async ({ url }) => {
      return () => new ApiClient(url).create({ name: 'Ada', password: 'guess' });
    },
  };
};

const cases: readonly Case[] = [
  {
    limit: 'SEND_LIMIT',
    options: { SEND_LIMIT: '4/20' },
    count: 4,
    window: 20,
    within: 201,
    ready: async ({ url }) => {
      const ada = await ApiClient.join(url, 'Ada');
      return () => ada.send('hello');
    },
  },
  {
    limit: 'UPDATES_LIMIT',
    options: { UPDATES_LIMIT: '4/20' },
    count: 4,
    window: 20,
    within: 200,
    ready: async ({ url }) => {
      const ada = await ApiClient.join(url, 'Ada');
      return () => ada.updates();
    },
  },
  {
    limit: 'CREATE_LIMIT',
    options: { CREATE_LIMIT: '4/20' },
    count: 4,
    window: 20,
    within: 201,
    ready: async ({ url }) => {
      let members = 0;
      return () => new ApiClient(url).create({ name: `Member ${members++}` });
    },
  },
  {
    limit: 'READ_LIMIT',
    options: { READ_LIMIT: '4/20' },
    count: 4,
    window: 20,
    within: 200,
    ready: async ({ url }) => {
      return () => new ApiClient(url).history();
    },
  },
  {
    limit: 'READ_LIMIT',
    options: { READ_LIMIT: '4/20' },
    count: 4,
    window: 20,
    within: 410,
    ready: async ({ url }) => {
      const guess = new ApiClient(url);
      return () => {
        guess.token = crypto.randomBytes(32).toString('base64url');
        return guess.ping();
      };
    },
  },
  {
    limit: 'ADMIN_TOKEN',
    options: {},
    count: 5,
    window: 60,
    within: 401,
    ready: async ({ url }) => {
      return () =>
        new ApiClient(url).call('GET', '/../../admin/sessions', undefined, { authorization: 'Bearer guess' });
    },
  },
];

test('each limit says its name, that nothing remains and when to come back; then, and no sooner, one is let in', async (t) => {
  for (const { limit, options, count, window, ready, within } of [...cases, passwordCase(t)]) {
    const server = await setUp(t, options);
    const ask = await ready(server);
    for (let asked = 0; asked < count; asked++)
      assert.equal((await ask()).status, within, `${limit} ${asked}`);
    const told = limitOf(await ask());
    assert.deepEqual(told, { name: limit, count, window, retryAfter: window / count });
    server.clock.advance(told.retryAfter * 1_000 - 500);
    assert.equal(limitOf(await ask()).retryAfter, 1, limit);
    server.clock.advance(500);
    assert.equal((await ask()).status, within, limit);
    limitOf(await ask());
  }
});

test('what is limited per address costs others nothing; an IPv6 customer is one, whatever addresses he has', async (t) => {
  const server = await setUp(t, { CREATE_LIMIT: '2/60', READ_LIMIT: '2/60' });
  const from = (method: string, path: string, address: string, body?: unknown) =>
    new ApiClient(server.url).call(method, path, body, { 'x-forwarded-for': address });
  let members = 0;
  const ways = [
    (address: string) => from('POST', '/session', address, { name: `Member ${members++}` }),
    (address: string) => from('GET', '/history', address),
  ];
  for (const ask of ways) {
    for (const address of ['192.0.2.1', '2001:db8::1']) {
      for (let time = 0; time < 2; time++) assert.ok((await ask(address)).status < 300, address);
      limitOf(await ask(address));
    }
    limitOf(await ask('2001:db8:0:0:ffff::2'));
    for (const other of ['192.0.2.2', '2001:db8:0:1::1']) assert.ok((await ask(other)).status < 300, other);
  }
});

test('of a hundred guesses of ADMIN_TOKEN at once five are judged, and other addresses are not concerned', async (t) => {
  const { url } = await setUp(t);
  const guess = (token: string, address: string) =>
    new ApiClient(url).call('GET', '/../../admin/sessions', undefined, {
      authorization: `Bearer ${token}`,
      'x-forwarded-for': address,
    });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => guess(`guess-${n}`, '192.0.2.1')));
  assert.equal(answers.filter(({ status }) => status === 401).length, 5);
  for (const answer of answers.filter(({ status }) => status !== 401))
    assert.equal(limitOf(answer).name, 'ADMIN_TOKEN');
  limitOf(await guess(adminToken, '192.0.2.1'));
  assert.equal((await guess(adminToken, '192.0.2.2')).status, 200);
});

test('MAX_STREAMS_PER_IP says that no place is left, and that it is about places', async (t) => {
  const server = await setUp(t, { MAX_STREAMS_PER_IP: '1' });
  const [ada, bob] = [await ApiClient.join(server.url, 'Ada'), await ApiClient.join(server.url, 'Bob')];
  const stream = await ada.subscribe();
  await stream.expect('init');
  await bob.updates();
  const refused = await bob.updates({ wait: 25 });
  assert.equal(assertProblem(refused, 429, 'rate-limited').limit, 'MAX_STREAMS_PER_IP');
  assert.equal(refused.headers.get('ratelimit-policy'), '"MAX_STREAMS_PER_IP";q=1;qu="concurrent-requests"');
  assert.equal(refused.headers.get('ratelimit'), '"MAX_STREAMS_PER_IP";r=0');
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  stream.close();
});

test('failures count for a name however it is written, and look-alikes are one with it', async (t) => {
  const server = await setUp(t, passwordCase(t).options);
  const login = (name: string, password = 'guess') => new ApiClient(server.url).create({ name, password });
  const spellings = ['Ada', 'ADA', ' ada ', 'Аda', 'ａｄａ'];
  for (let guess = 0; guess < 10; guess++) {
    const answer = await login(spellings[guess % spellings.length] ?? '');
    assertProblem(answer, 401, 'credentials-required');
  }
  for (const name of spellings) assert.equal(limitOf(await login(name)).name, 'AUTH');
  limitOf(await login('Ada', 'correct horse'));
});

test('passwords and ADMIN_TOKEN are compared in constant time, whatever is given', async (t) => {
  const compared: [number, number][] = [];
  const { timingSafeEqual } = crypto;
  t.mock.method(crypto, 'timingSafeEqual', (a: Uint8Array, b: Uint8Array) => {
    compared.push([a.length, b.length]);
    return timingSafeEqual(a, b);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const { url } = await setUp(t, passwordCase(t).options);
  const given = ['x', adminToken.slice(0, -1), `${adminToken}x`, adminToken];
  const statuses = [];
  for (const token of given) {
    const headers = { authorization: `Bearer ${token}` };
    statuses.push((await new ApiClient(url).call('GET', '/../../admin/sessions', undefined, headers)).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 200]);
  assert.deepEqual(
    compared.splice(0),
    Array.from(given, () => [32, 32]),
  );
  for (const password of ['x', 'correct hors', 'correct horse']) {
    for (const name of ['Ada', 'Nobody']) await new ApiClient(url).create({ name, password });
  }
  assert.deepEqual(
    compared,
    Array.from({ length: 6 }, () => [32, 32]),
    'of names that there are not, too',
  );
});

test('whoever goes on in spite of refusals is shown out as flooding, and comes back in no sooner for it', async (t) => {
  const server = await setUp(t, { SEND_LIMIT: '2/60', FLOOD_STRIKES: '5', CREATE_LIMIT: '2/60' });
  const eve = await ApiClient.join(server.url, 'Eve');
  const stream = await eve.subscribe();
  await stream.expect('init');
  const statuses = [];
  for (let sent = 0; sent < 8; sent++) statuses.push((await eve.send(`spam ${sent}`)).status);
  assert.deepEqual(statuses, [201, 201, 429, 429, 429, 429, 429, 410]);
  assert.deepEqual(JSON.parse((await stream.rest()).at(-1)?.data ?? ''), {
    reason: 'flooding',
    action: 'stop',
    reconnect: false,
  });
  assert.equal(assertProblem(await eve.ping(), 410, 'session-gone').reason, 'flooding');
  assert.equal((await new ApiClient(server.url).create({ name: 'Eve' })).status, 201);
  limitOf(await new ApiClient(server.url).create({ name: 'Eve again' }));
});

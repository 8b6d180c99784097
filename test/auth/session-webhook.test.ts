import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ChatError } from '../../src/core/errors.ts';
import type { Hooks } from '../../src/core/hooks.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { answer, type JsonService, jsonService, type Question } from '../support/json-service.ts';
import { writePasswords } from '../support/password-file.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

interface More {
  readonly options?: Record<string, string>;
  readonly hooks?: Hooks;
  readonly clock?: FakeClock;
}

async function serve(t: TestContext, url: string, { options = {}, ...parts }: More = {}) {
  const dropped: number[] = [];
  const warnings: string[] = [];
  const server = await startServer(
    { SESSION_WEBHOOK: url, AUTH_TIMEOUT: '20', UPDATES_LIMIT: 'off', SEND_LIMIT: 'off', ...options },
    {
      ...parts,
      observer: { notificationsDropped: (count) => dropped.push(count) },
      warn: (line) => warnings.push(line),
    },
  );
  let isClosed = false;
  const close = async () => {
    if (!isClosed) await server.close();
    isClosed = true;
  };
  t.after(close);
  return { ...server, close, dropped, warnings };
}

/** With users who have passwords. */
function passwords(t: TestContext): Record<string, string> {
  const path = join(temporaryFolder(t), 'users');
  writePasswords(path, { Ada: 'correct horse', Bob: 'battery staple' });
  return { AUTH: `file:${path}` };
}
const ada = { name: 'Ada', password: 'correct horse' };
const bob = { name: 'Bob', password: 'battery staple' };
const adasUser = { id: 'file:ada', name: 'Ada', claims: {} };

const told = (service: JsonService) =>
  ['created', 'resumed', 'destroyed'].flatMap((type) => service.of(type));
const tells = (service: JsonService, count: number) =>
  waitUntil(() => told(service).length >= count, `${count} things are told`);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Without what differs each time. */
function known({ id, timestamp, ...others }: Question): Question {
  assert.match(String(id), uuid);
  assert.ok(Number.isSafeInteger(timestamp));
  return others;
}

test('it is asked before a session is created, and hears of its beginning and its end', async (t) => {
  const service = await jsonService(t);
  const { url } = await serve(t, service.url, { options: passwords(t) });
  const client = new ApiClient(url);
  const { body } = await client.create({ ...ada, delivery: 'push' });
  const { sessionId } = body;
  assert.deepEqual(service.questions[0], {
    type: 'create',
    room: 'lobby',
    name: 'Ada',
    user: adasUser,
    delivery: 'push',
    address: '127.0.0.1',
    replaces: [],
  });
  await client.destroy();
  await tells(service, 2);
  const session = { sessionId, room: 'lobby', name: 'Ada', user: adasUser };
  assert.deepEqual(service.questions.slice(1).map(known), [
    { type: 'created', ...session, address: '127.0.0.1' },
    { type: 'destroyed', ...session, reason: 'destroyed' },
  ]);
  assert.doesNotMatch(JSON.stringify(service.questions), /correct horse|basis/);
});

test('whom it refuses is told why, and nobody saw anything', async (t) => {
  const service = await jsonService(t, (_question, response) =>
    answer(response, { accept: false, reason: 'Two at a time\u001b, please.' }),
  );
  const { url } = await serve(t, service.url);
  const refused = assertProblem(await new ApiClient(url).create({ name: 'Ada' }), 403, 'permission-denied');
  assert.equal(refused.detail, 'Two at a time , please.');
  service.answer = (_question, response) => answer(response, { accept: false });
  const usual = assertProblem(await new ApiClient(url).create({ name: 'Ada' }), 403, 'permission-denied');
  assert.equal(usual.detail, 'You may not come in.');
  service.answer = (_question, response) => answer(response, { accept: true });
  const { body } = await new ApiClient(url).create({ name: 'Ada' });
  assert.equal((await new ApiClient(url).history()).body.events.length, 1, 'one join');
  await tells(service, 1);
  assert.deepEqual(
    told(service).map(({ sessionId }) => sessionId),
    [body.sessionId],
  );
});

test('it is told which sessions would end by a new one, and which has ended', async (t) => {
  const service = await jsonService(t);
  const { url } = await serve(t, service.url, { options: passwords(t) });
  const [first, second] = [new ApiClient(url), new ApiClient(url)];
  const { sessionId } = (await first.create(ada)).body;
  const other = (await second.create({ ...bob, credential: 'cookie' })).body.sessionId;
  // In the session of Bob's browser: both end.
  const third = (await second.create({ ...ada, credential: 'cookie' })).body.sessionId;
  const asked = service.of('create').map(({ replaces }) => replaces);
  assert.deepEqual(asked, [[], [], [other, sessionId]]);
  await tells(service, 5);
  const { replaced } = service.of('created').find((created) => created.sessionId === third) ?? {};
  assert.equal(replaced, sessionId);
  const endings = service.of('destroyed').map((ended) => [ended.sessionId, ended.reason]);
  assert.deepEqual(
    endings.sort(),
    [
      [sessionId, 'taken-over'],
      [other, 'destroyed'],
    ].sort(),
  );
  // Going on with the session that is held creates none.
  assert.equal((await second.create({ ...ada, credential: 'cookie' })).status, 200);
  assert.equal(service.of('create').length, 3);
});

test('a refused login keeps the session that it would have replaced', async (t) => {
  const service = await jsonService(t);
  const { url } = await serve(t, service.url, { options: passwords(t) });
  const first = new ApiClient(url);
  await first.create(ada);
  service.answer = ({ type }, response) => answer(response, { accept: type !== 'create' });
  assertProblem(await new ApiClient(url).create(ada), 403, 'permission-denied');
  assert.equal((await first.ping()).status, 204);
});

test('a lost answer that is asked for again replaces nothing', async (t) => {
  const service = await jsonService(t);
  const { url } = await serve(t, service.url, { options: passwords(t) });
  const key = { 'idempotency-key': '6f2c1e0a-0000-4000-8000-000000000001' };
  const answers = [await new ApiClient(url).create(ada, key), await new ApiClient(url).create(ada, key)];
  assert.equal(answers[0]?.body.sessionId, answers[1]?.body.sessionId);
  assert.deepEqual(
    service.of('create').map(({ replaces }) => replaces),
    [[], []],
  );
  await tells(service, 1);
  assert.equal(service.of('created').length, 1);
});

test('where it cannot be reached, or answers anything else, nobody comes in', async (t) => {
  const service = await jsonService(t);
  const elsewhere = await jsonService(t);
  const { url, warnings } = await serve(t, service.url);
  const broken: readonly [JsonService['answer'], RegExp][] = [
    [(_, response) => answer(response, { accept: true }, 500), /it answers 500/],
    [(_, response) => response.writeHead(307, { location: elsewhere.url }).end(), /it answers 307/],
    [(_, response) => answer(response, { accept: 1 }), /expected accept/],
    [(_, response) => response.end('<html>'), /it answers no JSON/],
    [(_, response) => answer(response, { accept: true, x: 'x'.repeat(65_536) }), /more than 65536 bytes/],
    [(_, response) => response.destroy(), /closed|hang up|terminated/],
  ];
  for (const [how, why] of broken) {
    service.answer = ({ type }, response) => (type === 'create' ? how({}, response) : answer(response, {}));
    const refusal = await new ApiClient(url).create({ name: 'Ada' });
    assertProblem(refusal, 503, 'unavailable');
    assert.ok(Number(refusal.headers.get('retry-after')) >= 1);
    await waitUntil(() => why.test(warnings.at(-1) ?? ''), `${why} is told`);
    service.answer = (_question, response) => answer(response, { accept: true });
    const client = new ApiClient(url);
    assert.equal((await client.create({ name: 'Ada' })).status, 201, 'and it goes on');
    await client.destroy();
  }
  assert.equal(warnings.length, broken.length);
  assert.match(
    warnings[0] ?? '',
    /^SESSION_WEBHOOK: the service at http:\/\/127\.0\.0\.1:\d+ fails \(.+\)\.$/,
  );
  assert.deepEqual(elsewhere.questions, [], 'no redirect is followed');
});

test('one that hangs is waited for as long as AUTH_TIMEOUT says', async (t) => {
  const service = await jsonService(t, () => {});
  const { url, warnings } = await serve(t, service.url, { options: { AUTH_TIMEOUT: '0.3' } });
  assertProblem(await new ApiClient(url).create({ name: 'Ada' }), 503, 'unavailable');
  assert.equal((await new ApiClient(url).history()).body.events.length, 0);
  await waitUntil(() => warnings.length > 0, 'it is told');
  assert.match(warnings[0] ?? '', /it does not answer in time/);
});

test('of several addresses each call begins at the next, and one that fails is passed over', async (t) => {
  const [one, two] = [await jsonService(t), await jsonService(t)];
  one.answer = (_question, response) => answer(response, {}, 500);
  const { url } = await serve(t, `${one.url} | ${two.url}`);
  for (let member = 0; member < 6; member++) await ApiClient.join(url, `Member ${member}`);
  await tells(two, 6);
  assert.equal(one.questions.length, 1);
  assert.equal(two.of('create').length, 6);
});

test('no client waits for what it is told: a hung service delays neither messages nor leaving', async (t) => {
  const service = await jsonService(t);
  const { url, dropped, close } = await serve(t, service.url);
  const clients = [await ApiClient.join(url, 'Ada'), await ApiClient.join(url, 'Bob')];
  await tells(service, 2);
  service.answer = () => {};
  for (const client of clients) {
    assert.equal((await client.send('hello')).status, 201);
    assert.equal((await client.destroy()).status, 204);
  }
  await close();
  assert.ok(dropped.length > 0, 'what could not be told in the time to stop is counted');
});

test('what could not be told is told again until it is, each with an id of its own', async (t) => {
  const service = await jsonService(t, ({ type }, response) =>
    type === 'create' ? answer(response, { accept: true }) : answer(response, {}, 503),
  );
  const clock = new FakeClock();
  const { url } = await serve(t, service.url, { clock });
  await ApiClient.join(url, 'Ada');
  await tells(service, 1);
  const again = async (count: number) => {
    await waitUntil(() => {
      clock.advance(1_000);
      return told(service).length >= count;
    }, 'it is told again');
  };
  await again(3);
  service.answer = (_question, response) => response.writeHead(204).end();
  await again(4);
  assert.equal(new Set(told(service).map(({ id }) => id)).size, 1);
});

test('what there is to tell when the server stops is told in the time that it has', async (t) => {
  let isSlow = true;
  const service = await jsonService(t, ({ type }, response) =>
    type === 'create' || !isSlow ? answer(response, { accept: true }) : answer(response, {}, 500),
  );
  const { url, close, dropped } = await serve(t, service.url, { options: { SHUTDOWN_SECONDS: '30' } });
  for (let member = 0; member < 20; member++) await ApiClient.join(url, `Member ${member}`);
  await tells(service, 1);
  isSlow = false;
  await close();
  assert.deepEqual(dropped, []);
  assert.equal(new Set(service.of('created').map(({ sessionId }) => sessionId)).size, 20);
});

test('a session that is gone on with after a restart is resumed; one that nobody comes back for is destroyed', async (t) => {
  const service = await jsonService(t);
  const store = { STORE_URL: `sqlite:${join(temporaryFolder(t), 'chat.db')}` };
  const before = await serve(t, service.url, { options: store });
  const comesBack = await ApiClient.join(before.url, 'Ada');
  await ApiClient.join(before.url, 'Bob');
  await tells(service, 2);
  await before.close();
  // The thread of the store has a clock of its own.
  const brief = { SESSION_TIMEOUT: '4', REAPER_INTERVAL: '0.5' };
  const { url } = await serve(t, service.url, { options: { ...store, ...brief } });
  const client = new ApiClient(url);
  client.token = comesBack.token;
  assert.equal((await client.ping()).status, 204);
  await tells(service, 3);
  const [resumed] = service.of('resumed').map(known);
  const ofAda = service.of('created').find(({ name }) => name === 'Ada');
  assert.deepEqual([resumed?.sessionId, resumed?.name, resumed?.room], [ofAda?.sessionId, 'Ada', 'lobby']);
  const ofBob = service.of('created').find(({ name }) => name === 'Bob')?.sessionId;
  const isTold = () =>
    service.of('destroyed').some(({ sessionId, reason }) => sessionId === ofBob && reason === 'expired');
  await waitUntil(isTold, 'the end of what nobody came back for is told');
});

test('it is asked about the operations that it wants to be asked about, and what it denies is refused', async (t) => {
  const service = await jsonService(t, ({ type, operation }, response) =>
    answer(
      response,
      type === 'authorize' ? { accept: operation !== 'send', reason: 'Read only.' } : { accept: true },
    ),
  );
  const { url } = await serve(t, service.url, {
    options: { ...passwords(t), SESSION_WEBHOOK_AUTHORIZE: 'send,getUpdates' },
  });
  const client = new ApiClient(url);
  const { body } = await client.create(ada);
  for (let time = 0; time < 3; time++) {
    const { detail } = assertProblem(await client.send('hello'), 403, 'permission-denied');
    assert.equal(detail, 'Read only.');
    assert.equal((await client.updates()).status, 200);
    assert.equal((await client.ping()).status, 204);
  }
  const about = { type: 'authorize', sessionId: body.sessionId, room: 'lobby', name: 'Ada', user: adasUser };
  for (const operation of ['send', 'getUpdates']) {
    const asked = service.of('authorize').filter((question) => question.operation === operation);
    assert.deepEqual(asked[0], { ...about, operation });
  }
  assert.equal(service.of('authorize').filter(({ operation }) => operation === 'ping').length, 0);
  assert.doesNotMatch(JSON.stringify(service.questions), /hello/);
});

test('its answer about an operation counts for a second: a poller costs it little', async (t) => {
  const service = await jsonService(t);
  const clock = new FakeClock();
  const { url } = await serve(t, service.url, { clock, options: { SESSION_WEBHOOK_AUTHORIZE: '*' } });
  const [one, two] = [await ApiClient.join(url, 'Ada'), await ApiClient.join(url, 'Bob')];
  for (let time = 0; time < 20; time++) await Promise.all([one.updates(), one.updates(), two.updates()]);
  assert.equal(service.of('authorize').length, 2, 'whoever nobody vouches for is told apart by the session');
  clock.advance(1_000);
  await one.updates();
  assert.equal(service.of('authorize').length, 3);
});

test('what it denies later ends open streams as revoked within REVOKE_SECONDS', async (t) => {
  const service = await jsonService(t);
  const options = { SESSION_WEBHOOK_AUTHORIZE: 'subscribe', REVOKE_SECONDS: '6' };
  const { url } = await serve(t, service.url, { options });
  const streams = await Promise.all(
    ['Ada', 'Bob'].map(async (name) => (await ApiClient.join(url, name)).subscribe()),
  );
  for (const stream of streams) await stream.expect('init');
  service.answer = ({ name, type }, response) =>
    answer(response, { accept: type !== 'authorize' || name !== 'Ada' });
  const [ofAda, ofBob] = streams;
  assert.equal(JSON.parse((await ofAda?.expect('bye'))?.data ?? '{}').reason, 'revoked');
  ofBob?.close();
});

test('while it cannot be asked about operations they are refused as 503, and streams are to come back', async (t) => {
  const service = await jsonService(t);
  const options = { SESSION_WEBHOOK_AUTHORIZE: 'subscribe,send', REVOKE_SECONDS: '1' };
  const { url, faults } = await serve(t, service.url, { options });
  const client = await ApiClient.join(url, 'Ada');
  const stream = await client.subscribe();
  await stream.expect('init');
  service.answer = (_question, response) => answer(response, {}, 500);
  const { data } = await stream.expect('bye');
  assert.deepEqual(JSON.parse(data), { reason: 'unavailable', action: 'reconnect', reconnect: true });
  assertProblem(await client.send('hello'), 503, 'unavailable');
  assert.deepEqual(faults, []);
});

test('it and the hooks of an application are both asked, and both must allow', async (t) => {
  const service = await jsonService(t, ({ type, name }, response) =>
    answer(response, { accept: type !== 'authorize' || name !== 'Bob' }),
  );
  class Application implements Hooks {
    readonly #told: string[] = [];
    get told() {
      return this.#told;
    }
    validateName(_user: unknown, name: string) {
      return this.#told.includes(name) ? 'Once.' : undefined;
    }
    authorize(_user: unknown, operation: string, { name }: { name: string }) {
      this.#told.push(`${name} ${operation}`);
      if (name === 'Carl') throw new ChatError('permission-denied', 'Not you, Carl.');
      return name !== 'Ada';
    }
    onSessionCreated({ name, address }: { name: string; address: string | undefined }) {
      this.#told.push(`${name} from ${address}`);
    }
    validateMessage(_user: unknown, _room: string, text: string) {
      this.#told.push(text);
      return undefined;
    }
    onSessionDestroyed(_user: unknown, _sessionId: string, reason: string) {
      this.#told.push(reason);
    }
  }
  const hooks = new Application();
  const { url, faults } = await serve(t, service.url, { hooks, options: { SESSION_WEBHOOK_AUTHORIZE: '*' } });
  const details = [];
  for (const name of ['Ada', 'Bob', 'Carl']) {
    const client = await ApiClient.join(url, name);
    details.push(assertProblem(await client.ping(), 403, 'permission-denied').detail);
    await client.destroy();
  }
  const usual = 'You are not allowed to ping here.';
  assert.deepEqual(details, [usual, usual, 'Not you, Carl.']);
  const dora = await ApiClient.join(url, 'Dora');
  assert.equal((await dora.ping()).status, 204);
  assert.equal((await dora.send('hello')).status, 201);
  assert.equal(hooks.told.at(-1), 'hello');
  assert.deepEqual(hooks.told.slice(0, 3), ['Ada from 127.0.0.1', 'Ada ping', 'destroyed']);
  assert.deepEqual(
    service.of('authorize').map(({ name }) => name),
    ['Bob', 'Dora', 'Dora'],
  );
  assert.deepEqual(faults, []);
});

test('of a session that a restart has left, and that nobody came back for, only what took its place tells', async (t) => {
  const service = await jsonService(t);
  const options = { ...passwords(t), STORE_URL: `sqlite:${join(temporaryFolder(t), 'chat.db')}` };
  const before = await serve(t, service.url, { options });
  const { sessionId } = (await new ApiClient(before.url).create(ada)).body;
  await tells(service, 1);
  await before.close();
  const { url } = await serve(t, service.url, { options });
  await new ApiClient(url).create(ada);
  await tells(service, 2);
  assert.deepEqual(service.of('create').at(-1)?.replaces, [], 'a look before knows nothing of it');
  assert.equal(service.of('created').at(-1)?.replaced, sessionId);
  assert.deepEqual(service.of('destroyed'), []);
});

test('a session that ends while it is heard of is created before it is destroyed', async (t) => {
  const service = await jsonService(t);
  const hooks: Hooks = { onSessionCreated: async (handle) => void (await handle.destroy('removed')) };
  const { url } = await serve(t, service.url, { hooks });
  await new ApiClient(url).create({ name: 'Ada' });
  await tells(service, 2);
  const about = told(service).map(({ type, name, room }) => [type, name, room]);
  assert.deepEqual(about, [
    ['created', 'Ada', 'lobby'],
    ['destroyed', 'Ada', 'lobby'],
  ]);
});

import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { LoginFailures } from '../../src/auth/login-failures.ts';
import { Webhook } from '../../src/auth/webhook.ts';
import { skeleton } from '../../src/system/skeleton.ts';
import {
  authenticatorContract,
  credentials,
  patient,
  refusalOf,
} from '../contract/authenticator-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { listening } from '../support/listening.ts';
import { waitUntil } from '../support/wait-until.ts';

type Question = Readonly<Record<string, unknown>>;
type Answer = (question: Question, response: ServerResponse) => void;

const json = (response: ServerResponse, body: unknown) => response.end(JSON.stringify(body));
const ada = { name: 'Ada', password: 'correct horse' };

const verdict: Answer = ({ name, password }, response) => {
  if (name === undefined)
    json(response, { accept: false, reason: 'Say who you are.', code: 'credentials-required' });
  else if (password === 'correct horse')
    json(response, { accept: true, id: '7', name: 'Ada', claims: { role: 'host' } });
  else json(response, { accept: false, reason: 'Not\u001b today.' });
};

/** A service that answers like this; hung if it answers nothing. */
async function service(t: TestContext, answer: Answer = verdict) {
  const state = { answer, questions: [] as Question[], connections: 0 };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const question: Question = JSON.parse(text);
    state.questions.push(question);
    state.answer(question, response);
  });
  server.on('connection', () => {
    state.connections++;
  });
  return Object.assign(state, { url: await listening(t, server) });
}

function webhook(urls: readonly string[], timeoutMs = 60_000) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const hook = new Webhook({
    urls,
    timeoutMs,
    clock,
    failures: new LoginFailures(),
    maxNameLength: 32,
    skeleton,
    warn: (line) => warnings.push(line),
  });
  const login = async (given: object = ada) => (await hook.authenticate(credentials(given), patient)).user;
  return { hook, clock, warnings, login };
}

authenticatorContract('webhook', async (t) => ({
  authenticator: webhook([(await service(t)).url]).hook,
  right: ada,
  admission: { name: 'Ada', user: { id: 'webhook:7', name: 'Ada', claims: { role: 'host' } } },
  wrong: [
    [{ ...ada, password: 'correct house' }, 'permission-denied'],
    [{ password: 'correct horse' }, 'credentials-required'],
    [{ ...ada, name: 'a:b' }, 'invalid-name'],
  ],
  nothing: undefined,
  secrets: ['correct', '\u001b'],
}));

test('it is told name, password, tokens and address, and nothing else', async (t) => {
  const { url, questions } = await service(t);
  const given = {
    ...ada,
    headers: { 'x-sso': 'a' },
    cookies: { SSO: 'b' },
    query: { ticket: 'c' },
    remoteAddress: '::1',
  };
  await webhook([url]).login(given);
  const { remoteAddress, ...others } = given;
  assert.deepEqual(questions, [{ ...others, address: remoteAddress }]);
});

test('of a certificate it is told the subject, the names, the fingerprint and whether it counts', async (t) => {
  const { url, questions } = await service(t);
  const { login, clock } = webhook([url]);
  const names = [{ type: 'email', value: 'ada@example.org' }] as const;
  const said = { subject: 'CN=Ada', names, fingerprint: 'AB:CD', validTo: clock.wall() + 1 };
  const certificate = { ...said, isTrusted: true, commonName: 'Ada', validFrom: clock.wall() };
  await login({ ...ada, certificate });
  await login({ ...ada, certificate: { ...certificate, isTrusted: false } });
  clock.advance(1);
  await login({ ...ada, certificate });
  assert.deepEqual(
    questions.map((question) => question.certificate),
    [true, false, false].map((trusted) => ({ ...said, trusted })),
  );
});

test('a name it says counts, and without one the name that was asked for', async (t) => {
  const { url } = await service(t, ({ name }, response) =>
    json(response, { accept: true, id: 'x', expiresAt: 5, ...(name === 'Ada' ? { name: 'Countess' } : {}) }),
  );
  const { login } = webhook([url]);
  assert.deepEqual(await login(), { id: 'webhook:x', name: 'Countess', claims: {}, expiresAt: 5 });
  assert.equal((await login({ name: 'Bob' }))?.name, 'Bob');
});

test('what is wrong with a user is told to him, and is no fault of the service', async (t) => {
  const state = await service(t);
  const { login, warnings } = webhook([state.url]);
  for (const [answer, code] of [
    [{ name: 'A<b>' }, 'invalid-name'],
    [{ id: '' }, 'permission-denied'],
    [{ id: 7 }, 'permission-denied'],
    [{ name: 7 }, 'permission-denied'],
    [{ claims: [] }, 'permission-denied'],
    [{ claims: { x: 'x'.repeat(4096) } }, 'permission-denied'],
    [{ expiresAt: 'soon' }, 'permission-denied'],
  ] as const) {
    state.answer = (_question, response) => json(response, { accept: true, id: '7', ...answer });
    assert.equal((await refusalOf(login())).code, code, JSON.stringify(answer));
  }
  assert.deepEqual(warnings, []);
});

test('whatever else it answers lets nobody in, and one line tells of it', async (t) => {
  const state = await service(t);
  const elsewhere = await service(t);
  const broken: readonly (readonly [answer: Answer, why: RegExp])[] = [
    [(_, response) => response.writeHead(500).end(), /it answers 500/],
    [(_, response) => response.writeHead(204).end(), /it answers 204/],
    [(_, response) => response.writeHead(307, { location: elsewhere.url }).end(), /it answers 307/],
    [(_, response) => response.end('<html>'), /it answers no JSON/],
    [(_, response) => json(response, {}), /expected accept/],
    [(_, response) => json(response, [{ accept: true }]), /expected accept/],
    [(_, response) => json(response, { accept: 'true', id: '7' }), /expected accept/],
    [
      (_, response) => json(response, { accept: true, id: '7', x: 'x'.repeat(65_536) }),
      /more than 65536 bytes/,
    ],
    [(_, response) => response.destroy(), /closed|hang up|terminated/],
  ];
  for (const [answer, why] of broken) {
    const { login, warnings } = webhook([`${state.url}/?key=secret`]);
    state.answer = answer;
    for (let time = 0; time < 2; time++) assert.equal((await refusalOf(login())).code, 'unavailable');
    assert.equal(warnings.length, 1, warnings.join());
    assert.match(warnings[0] ?? '', why);
    assert.doesNotMatch(warnings[0] ?? '', /secret|\n/);
  }
  assert.deepEqual(elsewhere.questions, [], 'no redirect is followed');
});

test('each call begins at the next address', async (t) => {
  const services = [await service(t), await service(t), await service(t)];
  const { login } = webhook(services.map(({ url }) => url));
  for (let call = 0; call < 6; call++) await login();
  assert.deepEqual(
    services.map(({ questions }) => questions.length),
    [2, 2, 2],
  );
});

test('an address that failed is passed over for 10 s, unless no other is left', async (t) => {
  const [one, two] = [await service(t), await service(t)];
  one.answer = (_question, response) => response.writeHead(500).end();
  const { login, clock, warnings } = webhook([one.url, two.url]);
  for (let call = 0; call < 6; call++) assert.equal((await login())?.name, 'Ada');
  assert.deepEqual([one.questions.length, two.questions.length], [1, 6]);
  assert.equal(warnings.length, 1);
  clock.advance(10_001);
  for (let call = 0; call < 4; call++) await login();
  assert.equal(one.questions.length, 2);
  two.answer = one.answer;
  for (let call = 0; call < 3; call++) await refusalOf(login());
  const before = one.questions.length;
  one.answer = verdict;
  assert.equal((await login())?.name, 'Ada', 'both have failed: both are tried again');
  assert.equal(one.questions.length, before + 1);
});

test('one that hangs leaves time for the others, and all together take no more than AUTH_TIMEOUT', async (t) => {
  const [hung, good] = [await service(t, () => {}), await service(t)];
  const { login, clock, warnings } = webhook([hung.url, good.url], 2_000);
  const saved = login();
  await waitUntil(() => hung.questions.length === 1, 'it was asked');
  clock.advance(1_000);
  assert.equal((await saved)?.name, 'Ada');
  assert.match(warnings.join(), /does not answer in time/);
  good.answer = () => {};
  clock.advance(20_000);
  const lost = refusalOf(login());
  for (const [index, next] of [good, hung].entries()) {
    await waitUntil(() => next.questions.length === 2, `address ${index} was asked`);
    clock.advance(1_000);
  }
  assert.equal((await lost).code, 'unavailable');
});

test('at the start each address gets one connect, and a failure one line', async (t) => {
  const { url, questions, ...state } = await service(t);
  const closed = createServer();
  const gone = await listening(t, closed);
  closed.close();
  const { warnings } = webhook([url, `${gone}/?key=secret`]);
  await waitUntil(() => warnings.length > 0, 'the failure is told');
  assert.match(warnings.join(), /^http:\/\/127\.0\.0\.1:\d+ cannot be reached \(connect ECONNREFUSED/);
  assert.doesNotMatch(warnings.join(), /secret/);
  assert.deepEqual(questions, []);
  assert.ok(state.connections <= 1);
});

test('ten denials under a name within a minute, and the service is not asked any more', async (t) => {
  const { url, questions } = await service(t);
  const { login } = webhook([url], 60_000);
  const codes = [];
  for (let guess = 0; guess < 12; guess++)
    codes.push((await refusalOf(login({ name: 'Bob', password: 'x' }))).code);
  assert.deepEqual(codes.slice(9), ['permission-denied', 'rate-limited', 'rate-limited']);
  assert.equal(questions.length, 10);
});

test('[P-3] no more than 64 are asked about at once', async (t) => {
  const waiting: ServerResponse[] = [];
  const state = await service(t, (_question, response) => waiting.push(response));
  const { login } = webhook([state.url]);
  const logins = Array.from({ length: 400 }, (_, index) =>
    login({ name: `Member ${index}` }).catch((error) => error),
  );
  await waitUntil(() => waiting.length === 64, 'all places are taken');
  assert.equal((await refusalOf(login({ name: 'One more' }))).code, 'unavailable');
  assert.equal(waiting.length, 64);
  state.answer = (_question, response) => json(response, { accept: true, id: 'x' });
  for (const response of waiting) json(response, { accept: true, id: 'x' });
  const answers = await Promise.all(logins);
  assert.equal(answers.filter((answer) => !(answer instanceof Error)).length, 64 + 256);
});

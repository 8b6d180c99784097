import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { writePasswords } from '../support/password-file.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const password = 'correct horse';

async function setUp(t: TestContext, options: Record<string, string> = {}, more = '') {
  const path = join(temporaryFolder(t), 'users');
  writePasswords(path, { Ada: password, Bob: 'battery staple' });
  const warnings: string[] = [];
  const server = await startServer(
    { AUTH: `file:${path}${more}`, ...options },
    { warn: (line) => warnings.push(line) },
  );
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  return { url: server.url, path, warnings };
}

test('who gives the password of a name is in the room under it, vouched for', async (t) => {
  const { url } = await setUp(t);
  const ada = new ApiClient(url);
  const { status, body } = await ada.create({ name: 'ADA', password });
  assert.deepEqual([status, body.name], [201, 'Ada']);
  assert.deepEqual((await ada.getSession()).body.user, { id: 'file:ada', name: 'Ada' });
});

test('without a password, and with a wrong one, the answer is 401, and tells nothing of who there is', async (t) => {
  const { url } = await setUp(t);
  const refusals = [
    { name: 'Ada' },
    { name: 'Nobody' },
    { name: 'Ada', password: '' },
    { name: 'Ada', password: 'guess' },
    { name: 'Nobody', password: 'guess' },
  ].map(
    async (body) => assertProblem(await new ApiClient(url).create(body), 401, 'credentials-required').detail,
  );
  const asked = 'This room asks for a password.';
  const refused = 'That is not the password for this name.';
  assert.deepEqual(await Promise.all(refusals), [asked, asked, asked, refused, refused]);
});

test('the eleventh failure within a minute is 429, and says when to come back', async (t) => {
  const { url } = await setUp(t);
  const guess = () => new ApiClient(url).create({ name: 'Nobody', password: 'guess' });
  for (let time = 0; time < 10; time++) assertProblem(await guess(), 401, 'credentials-required');
  const answer = await guess();
  const { detail, limit } = assertProblem(answer, 429, 'rate-limited');
  assert.equal(limit, 'AUTH');
  assert.match(detail, /^Too many logins have failed under this name/);
  assert.equal(answer.headers.get('ratelimit-policy'), '"AUTH";q=10;w=60');
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-6]$/);
});

test('a second login of the same user takes the first session over [SES-10]', async (t) => {
  const { url } = await setUp(t);
  const [first, second] = [new ApiClient(url), new ApiClient(url)];
  await first.create({ name: 'Ada', password });
  assert.equal((await second.create({ name: 'ada', password })).status, 201);
  const { reason } = assertProblem(await first.ping(), 410, 'session-gone');
  assert.equal(reason, 'taken-over');
  assert.equal((await second.ping()).status, 204);
});

test('unless FEED says so, only members read a room with authentication', async (t) => {
  const members = await setUp(t);
  for (const path of ['feed', 'history', '']) {
    const response = await fetch(`${members.url}/v1/rooms/lobby/${path}`.replace(/\/$/, ''));
    assert.equal(response.status, 401, path);
    await response.body?.cancel();
  }
  const everybody = await setUp(t, { FEED: 'public' });
  assert.equal((await fetch(`${everybody.url}/v1/rooms/lobby`)).status, 200);
});

test('where others come in without, the names of users are theirs alone', async (t) => {
  const { url } = await setUp(t, {}, ',open');
  assert.equal((await new ApiClient(url).create({ name: 'Eve' })).status, 201);
  const { detail } = assertProblem(
    await new ApiClient(url).create({ name: 'аdа' }),
    401,
    'credentials-required',
  );
  assert.equal(detail, 'This name asks for a password.');
  assert.equal((await new ApiClient(url).create({ name: 'Ada', password })).status, 201);
});

test('no way of writing the name of a user lets somebody have it without the password', async (t) => {
  const { url, path } = await setUp(t, {}, ',open');
  writePasswords(path, { 'Ada Lovelace': password });
  const owner = new ApiClient(url);
  assert.equal((await owner.create({ name: 'Ada Lovelace', password })).status, 201);
  await owner.destroy();
  for (const name of [
    ' Ada Lovelace',
    'Ada Lovelace ',
    'Ada  Lovelace',
    '\u00a0ada\u2003LOVELACE',
    'Аda Lovelace',
  ]) {
    const refused = await new ApiClient(url).create({ name });
    assert.equal(
      assertProblem(refused, 401, 'credentials-required').detail,
      'This name asks for a password.',
    );
  }
  assertProblem(await new ApiClient(url).create({ name: 'Ada\u0000' }), 422, 'invalid-name');
});

test('a password file that is broken later goes on as it was, with one line for the administrator', async (t) => {
  const { url, path, warnings } = await setUp(t);
  writeFileSync(path, 'nonsense');
  for (let time = 0; time < 2; time++) {
    assert.equal((await new ApiClient(url).create({ name: 'Ada', password })).status, 201);
  }
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /^AUTH: the password file ".+" cannot be understood, line 1: .+ goes on to count\.$/,
  );
});

test('a password file that is not there stops the start in one line', async (t) => {
  const path = join(temporaryFolder(t), 'users');
  await assert.rejects(startServer({ AUTH: `file:${path}` }), (error) => {
    assert.ok(error instanceof Error);
    assert.match(
      error.message,
      /^AUTH: the password file ".+" cannot be read \(it is not there\)\. "parlor users add NAME" makes one\.$/,
    );
    return true;
  });
});

test('who is taken out of the file, or gets another password, is shown out of his stream and poll as revoked', async (t) => {
  const { url, path } = await setUp(t, { REVOKE_SECONDS: '0.2', UPDATES_LIMIT: 'off' });
  const users = { Ada: password, Bob: 'battery staple', Carl: 'staple horse' };
  writePasswords(path, users);
  const [ada, bob, carl] = Object.entries(users).map(([name, word]) => ({
    client: new ApiClient(url),
    login: { name, password: word },
  }));
  assert.ok(ada && bob && carl);
  for (const { client, login } of [ada, bob, carl]) assert.equal((await client.create(login)).status, 201);
  const stream = await ada.client.subscribe();
  await stream.expect('init');
  await bob.client.updates();
  const { Ada: _, ...others } = users;
  writePasswords(path, { ...others, Bob: 'another one' });
  const { data } = await stream.expect('bye');
  assert.deepEqual(JSON.parse(data), { reason: 'revoked', action: 'stop', reconnect: false });
  for (const { client } of [ada, bob]) {
    const ended = async () => (await client.ping()).status === 410;
    await waitUntil(ended, 'the session has ended');
    assert.equal(assertProblem(await client.ping(), 410, 'session-gone').reason, 'revoked');
  }
  assert.equal((await carl.client.ping()).status, 204);
  assert.equal((await bob.client.create({ name: 'Bob', password: 'another one' })).status, 201);
});

test('who gives his new password before his session has ended keeps it', async (t) => {
  const { url, path } = await setUp(t, { REVOKE_SECONDS: '3600' });
  const ada = new ApiClient(url);
  const first = await ada.create({ name: 'Ada', password, credential: 'cookie' });
  writePasswords(path, { Ada: 'another one' });
  const again = await ada.create({ name: 'Ada', password: 'another one', credential: 'cookie' });
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(again.body.sessionId, first.body.sessionId);
});

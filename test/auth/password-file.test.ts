import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LoginFailures } from '../../src/auth/login-failures.ts';
import { PasswordFile } from '../../src/auth/password-file.ts';
import { hashPassword } from '../../src/auth/password-hash.ts';
import { ChatError } from '../../src/core/errors.ts';
import { skeleton } from '../../src/system/skeleton.ts';
import {
  authenticatorContract,
  credentials,
  patient,
  refusalOf,
} from '../contract/authenticator-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { passwordLine, writePasswords } from '../support/password-file.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const ada = { name: 'Ada', password: 'correct horse' };

/** By what somebody is vouched for: says nothing that his hash would not say better. */
const basisOf = (name: string, password: string) =>
  hash('sha256', passwordLine(name, password).slice(name.length + 1), 'base64url').slice(0, 16);

async function setUp(t: TestContext, lines = [passwordLine('Ada', 'correct horse')]) {
  const path = join(temporaryFolder(t), 'users');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const clock = new FakeClock();
  const warnings: string[] = [];
  const file = await PasswordFile.open({
    path,
    clock,
    failures: new LoginFailures(),
    maxNameLength: 32,
    skeleton,
    warn: (line) => warnings.push(line),
  });
  const login = async (name: string, password: string): Promise<string> => {
    try {
      const admission = await file.authenticate(credentials({ name, password }), patient);
      return admission?.name ?? 'nothing to judge';
    } catch (error) {
      if (error instanceof ChatError) return error.code;
      throw error;
    }
  };
  return { path, clock, file, warnings, login };
}

authenticatorContract('file', async (t) => ({
  authenticator: (await setUp(t)).file,
  right: ada,
  admission: {
    name: 'Ada',
    user: { id: 'file:ada', name: 'Ada', claims: {}, basis: basisOf('Ada', 'correct horse') },
  },
  wrong: [
    [{ ...ada, password: 'correct house' }, 'credentials-required'],
    [{ ...ada, name: 'Bob' }, 'credentials-required'],
    [{ ...ada, password: ' correct horse' }, 'credentials-required'],
    [{ ...ada, name: undefined }, 'invalid-request'],
    [{ ...ada, name: 'Ada:' }, 'invalid-name'],
  ],
  nothing: { name: 'Ada' },
  secrets: ['correct', 'house'],
}));

test('a name is found however it is written, and shown as it stands in the file', async (t) => {
  const { file, login } = await setUp(t, [passwordLine('Zoë', 'pass wörd')]);
  for (const name of ['Zoë', 'zoë', 'ZOE\u0308', ' Zoë '])
    assert.equal(await login(name, 'pass wo\u0308rd'), 'Zoë');
  assert.equal(await file.holds('ZOË'), true);
  assert.equal(await file.holds('Zoe'), false);
});

test('a wrong name is refused in the same words as a wrong password', async (t) => {
  const { file } = await setUp(t);
  const refusals = ['Ada', 'Nobody'].map((name) =>
    refusalOf(file.authenticate(credentials({ name, password: 'guessed it' }), patient)),
  );
  const [known, unknown] = await Promise.all(refusals);
  assert.deepEqual([known?.code, known?.message], [unknown?.code, unknown?.message]);
});

test('a wrong name takes as long as a wrong password, whatever the hashes cost', async (t) => {
  const { clock, login } = await setUp(t, [
    passwordLine('Ada', 'correct horse', 14),
    passwordLine('Bob', 'battery staple', 14),
  ]);
  const timesOf = async (name: string) => {
    const times: number[] = [];
    for (let round = 0; round < 9; round++) {
      const begin = performance.now();
      assert.equal(await login(name, `guess ${round}`), 'credentials-required');
      times.push(performance.now() - begin);
      clock.advance(60_000);
    }
    return times.sort((a, b) => a - b)[4] ?? 0;
  };
  await timesOf('Ada');
  const [wrongPassword, wrongName] = [await timesOf('Ada'), await timesOf('Nobody')];
  // Without its own hash a wrong name is refused in some 1/50 of the time.
  const ratio = wrongName / wrongPassword;
  assert.ok(ratio > 1 / 4 && ratio < 4, `ratio ${ratio}`);
});

test('after ten failures within a minute a name is refused, whether there is such a user or not', async (t) => {
  const { clock, login } = await setUp(t);
  for (const name of ['Ada', 'Nobody']) {
    for (let guess = 0; guess < 10; guess++)
      assert.equal(await login(name, 'guessed it'), 'credentials-required');
    assert.equal(await login(name, 'guessed it'), 'rate-limited');
    assert.equal(await login(name.toUpperCase(), 'guessed it'), 'rate-limited', 'in other letters too');
  }
  assert.equal(await login('Ada', 'correct horse'), 'rate-limited', 'nothing tells that this one was right');
  assert.equal(await login('Bob', 'guessed it'), 'credentials-required', 'others go on');
  clock.advance(6_000);
  assert.equal(await login('Ada', 'correct horse'), 'Ada');
});

test('many guesses at once are no way around that, and who logs in rightly spends nothing', async (t) => {
  const { login } = await setUp(t);
  for (let time = 0; time < 30; time++) assert.equal(await login('Ada', 'correct horse'), 'Ada');
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, guess) => login('Ada', `guess ${guess}`)),
  );
  assert.equal(answers.filter((code) => code === 'credentials-required').length, 10);
  assert.equal(answers.filter((code) => code === 'rate-limited').length, 90);
});

test('more than can be hashed soon are told to come again, and spend none of their attempts', async (t) => {
  const { login } = await setUp(t, [passwordLine('Ada', 'correct horse', 12)]);
  const names = Array.from({ length: 60 }, (_, index) => `Member ${index}`);
  const answers = await Promise.all(names.map((name) => login(name, 'guessed it')));
  assert.deepEqual(new Set(answers), new Set(['credentials-required', 'unavailable']));
  const refused = names[answers.indexOf('unavailable')] ?? '';
  for (let guess = 0; guess < 10; guess++)
    assert.equal(await login(refused, 'guess'), 'credentials-required');
});

test('the file is read again as soon as it has changed, however it was replaced', async (t) => {
  const { path, login, warnings } = await setUp(t);
  appendFileSync(path, `${passwordLine('Bob', 'battery staple')}\n`);
  assert.equal(await login('Bob', 'battery staple'), 'Bob');
  writePasswords(`${path}.new`, { Ada: 'another one', Carl: 'battery staple' });
  renameSync(`${path}.new`, path);
  assert.equal(await login('Ada', 'correct horse'), 'credentials-required');
  assert.equal(await login('Ada', 'another one'), 'Ada');
  assert.equal(await login('Bob', 'battery staple'), 'credentials-required');
  // As long as it was, in the same tick of the clock.
  writePasswords(path, { Ada: 'the third 1', Carl: 'battery staple' });
  assert.equal(await login('Ada', 'the third 1'), 'Ada');
  assert.deepEqual(warnings, []);
});

test('while the file is broken or gone what it said before counts, and one line tells of it', async (t) => {
  const { path, login, warnings } = await setUp(t);
  const breaks: [breakIt: () => void, line: RegExp][] = [
    [
      () => writeFileSync(path, 'Ada:correct horse\n'),
      /^".+" cannot be understood, line 1: expected NAME:\$scrypt/,
    ],
    [() => rmSync(path), /^".+" cannot be read \(it is not there\)\./],
    [() => mkdirSync(path), /^".+" cannot be read \(it is no file\)\./],
  ];
  for (const [breakIt, line] of breaks) {
    breakIt();
    for (let time = 0; time < 3; time++) assert.equal(await login('Ada', 'correct horse'), 'Ada');
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0] ?? '', line);
    assert.doesNotMatch(warnings[0] ?? '', /correct|\n/);
    warnings.length = 0;
  }
  rmSync(path, { recursive: true });
  writePasswords(path, { Ada: 'another one' });
  assert.equal(await login('Ada', 'another one'), 'Ada');
  assert.deepEqual(warnings, []);
});

test('what cannot be understood at the start is told in one line that says where', async (t) => {
  const good = passwordLine('Ada', 'correct horse');
  const [, hash = ''] = good.split('Ada:');
  const cases: [lines: string[], why: RegExp][] = [
    [['Ada'], /line 1: expected NAME:/],
    [['# comment', '', 'Ada:secret'], /line 3: expected NAME:/],
    [[good, `ada:${hash}`], /line 2: "ada" is, or looks like, "Ada" in line 1/],
    [[`А${good.slice(1)}`, good], /line 2: "Ada" is, or looks like, "Аda" in line 1/],
    [[`<b>:${hash}`], /line 1: A name has letters/],
    [[good.replace('ln=8', 'ln=30')], /line 1: expected NAME:/],
    [[good.replace('ln=8,r=8,p=1', 'ln=14,r=8,p=99')], /line 1: expected NAME:/],
    [[good.replace('ln=8', 'ln=0')], /line 1: expected NAME:/],
  ];
  for (const [lines, why] of cases) {
    await assert.rejects(setUp(t, lines), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, why);
      assert.doesNotMatch(error.message, /\n|secret/);
      return true;
    });
  }
});

test('comments, blank lines and a byte order mark say nothing', async (t) => {
  const { login } = await setUp(t, ['\uFEFF# users', '', `${passwordLine('Ada', 'correct horse')}\r`]);
  assert.equal(await login('Ada', 'correct horse'), 'Ada');
});

test('a hash that is made now costs what is recommended, and has a salt of its own', async () => {
  const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse')];
  assert.deepEqual([one.ln, one.r, one.p], [15, 8, 3]);
  assert.notDeepEqual(one.salt, two.salt);
  assert.notDeepEqual(one.hash, two.hash);
});

test('it vouches for whoever is in the file with the password he came with, and says nothing of others', async (t) => {
  const { path, file } = await setUp(t);
  const admission = await file.authenticate(credentials(ada), patient);
  const user = admission?.user;
  assert.ok(user);
  const ofBefore = { id: user.id, name: user.name, claims: {} };
  const first = await file.vouching();
  assert.deepEqual([user, ofBefore, { ...user, id: 'jwt:ada' }, { ...user, id: 'file:bob' }].map(first), [
    true,
    true,
    undefined,
    false,
  ]);
  writePasswords(path, { Ada: 'another one' });
  assert.deepEqual([user, ofBefore].map(await file.vouching()), [false, true]);
  writePasswords(path, { Bob: 'correct horse' });
  assert.deepEqual([user, ofBefore].map(await file.vouching()), [false, false]);
  writeFileSync(path, 'nonsense');
  assert.equal(
    (await file.vouching())({ ...user, id: 'file:bob', basis: basisOf('Bob', 'correct horse') }),
    true,
  );
});

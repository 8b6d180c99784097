import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthenticatorList } from '../../src/auth/authenticator-list.ts';
import { openAuthenticator } from '../../src/auth/open.ts';
import type { Authenticator, Patience, Vouching } from '../../src/core/authenticator.ts';
import { ChatError } from '../../src/core/errors.ts';
import { credentials, refusalOf } from '../contract/authenticator-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';

const timeoutMs = 2_000;

/** Judges passwords: `yes` is let in, everything else is not. */
function judge(word: string): Authenticator {
  return {
    asksFor: `a ${word}`,
    async authenticate({ name = '', password }) {
      if (!password?.startsWith(word)) return undefined;
      if (password !== `${word} yes`) throw new ChatError('permission-denied', `No ${word}.`);
      return { name, user: { id: `${word}:${name}`, name, claims: {} } };
    },
    holds: async (name) => name === word,
  };
}

function listOf(...authenticators: Authenticator[]) {
  const clock = new FakeClock();
  return { clock, list: new AuthenticatorList(authenticators, { clock, timeoutMs }) };
}

test('the first that has something to judge decides', async () => {
  const { list } = listOf(judge('a'), judge('b'));
  const login = (password: string) => list.admit(credentials({ name: 'Ada', password }));
  assert.equal((await login('a yes')).user?.id, 'a:Ada');
  assert.equal((await login('b yes')).user?.id, 'b:Ada');
  assert.equal((await refusalOf(login('a no'))).message, 'No a.');
});

test('where none has anything to judge it is said what is asked for', async () => {
  const { list } = listOf(judge('a'), judge('b'), judge('a'));
  const { code, message } = await refusalOf(list.admit(credentials({ name: 'Ada' })));
  assert.deepEqual([code, message], ['credentials-required', 'This room asks for a a or a b.']);
});

test('where anybody may come in, nobody does under a name that has to be vouched for', async () => {
  const { list } = listOf(judge('a'), openAuthenticator);
  assert.deepEqual(await list.admit(credentials({ name: 'Bob' })), { name: 'Bob', user: null });
  const { code, message } = await refusalOf(list.admit(credentials({ name: 'a' })));
  assert.deepEqual([code, message], ['credentials-required', 'This name asks for a a.']);
  assert.equal((await list.admit(credentials({ name: 'a', password: 'a yes' }))).name, 'a');
});

test('who gets no decision in time is not let in, and a later one is void', async () => {
  let accept: () => void = () => {};
  let given: Patience | undefined;
  const slow: Authenticator = {
    authenticate(_credentials, patience) {
      given = patience;
      return new Promise((resolve) => {
        accept = () => resolve({ name: 'Ada', user: null });
      });
    },
  };
  const { clock, list } = listOf(slow);
  const login = refusalOf(list.admit(credentials({ name: 'Ada' })));
  clock.advance(timeoutMs - 1);
  assert.equal(given?.aborted, false);
  clock.advance(1);
  assert.equal((await login).code, 'unavailable');
  assert.equal(given?.aborted, true);
  accept();
  assert.equal(clock.pending, 0);
});

test('all of a list have one time together', async () => {
  const waits: (() => void)[] = [];
  const passing: Authenticator = {
    authenticate: () => new Promise((resolve) => waits.push(() => resolve(undefined))),
  };
  const { clock, list } = listOf(passing, passing);
  const login = refusalOf(list.admit(credentials({ name: 'Ada' })));
  clock.advance(timeoutMs - 1);
  waits[0]?.();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assert.equal(waits.length, 2);
  clock.advance(1);
  assert.equal((await login).code, 'unavailable');
});

test('a login that is decided leaves no timer behind', async () => {
  const { clock, list } = listOf(openAuthenticator);
  await list.admit(credentials({ name: 'Ada' }));
  await refusalOf(list.admit(credentials({})));
  assert.equal(clock.pending, 0);
});

test('a user is vouched for no more if one denies him and no other vouches for him', async () => {
  const answers: (boolean | undefined)[] = [undefined, undefined];
  let vouchings: Vouching[] = answers.map((_, index) => () => answers[index]);
  const { list } = listOf(
    { ...judge('a'), vouching: async () => vouchings[0] ?? assert.fail() },
    judge('b'),
    { ...judge('c'), vouching: async () => vouchings[1] ?? assert.fail() },
  );
  assert.equal(list.hasVouching, true);
  const vouching = await list.vouching();
  const ada = { id: 'a', name: 'Ada', claims: {} };
  for (const [one, other, together] of [
    [undefined, undefined, undefined],
    [true, undefined, true],
    [undefined, false, false],
    [false, true, true],
    [false, false, false],
  ] as const) {
    answers.splice(0, 2, one, other);
    assert.equal(vouching(ada), together, `${one} ${other}`);
  }
  assert.equal(await list.vouching(), vouching, 'the same as long as nothing has changed');
  vouchings = vouchings.map((each) => (user) => each(user));
  assert.notEqual(await list.vouching(), vouching);
  assert.equal(listOf(judge('a')).list.hasVouching, false);
});

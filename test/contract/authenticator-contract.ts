/** What every authenticator must do. Each implementation runs this suite. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Admission,
  type Authenticator,
  type Credentials,
  loginWays,
} from '../../src/core/authenticator.ts';
import { ChatError, type ErrorCode } from '../../src/core/errors.ts';
import { validateName } from '../../src/core/names.ts';

/** What somebody gives; what is missing was not given. */
export type Given = Partial<Credentials>;

export interface AuthenticatorCase {
  readonly authenticator: Authenticator;
  /** Who is let in. */
  readonly right: Given;
  /** As whom: `user` is null for one that vouches for nobody. */
  readonly admission: Admission;
  /** Who is refused, with what. */
  readonly wrong: readonly (readonly [given: Given, code: ErrorCode])[];
  /** What it has nothing to judge in; undefined if it always has. */
  readonly nothing: Given | undefined;
  /** What stands in no error. */
  readonly secrets: readonly string[];
}

/** Credentials as routes make them. */
export function credentials(given: Given): Credentials {
  return {
    name: undefined,
    password: undefined,
    remoteAddress: '127.0.0.1',
    headers: {},
    cookies: {},
    query: {},
    ...given,
  };
}

/** Somebody who waits for ever. */
export const patient = new AbortController().signal;

const hostileNames = [
  '',
  '\0',
  'a\r\nb',
  '\u001b[2J',
  'x'.repeat(16_000),
  '__proto__',
  '\ud800',
  'a:b',
  '$scrypt$',
];
const expectedUnderLoad: ReadonlySet<ErrorCode> = new Set(['unavailable', 'rate-limited']);
const maxClaimsBytes = 4096;

export function authenticatorContract(
  kind: string,
  setUp: (t: TestContext) => Promise<AuthenticatorCase>,
): void {
  const ask = (authenticator: Authenticator, given: Given) =>
    authenticator.authenticate(credentials(given), patient);

  test(`${kind}: who has what it asks for is let in, each time as the same`, async (t) => {
    const { authenticator, right, admission } = await setUp(t);
    for (let login = 0; login < 2; login++) {
      const admitted = await ask(authenticator, right);
      assert.deepEqual(admitted, admission);
      assert.equal(validateName(admission.name, { maxLength: 32 }), admission.name);
    }
    assert.match(authenticator.asksFor ?? '', /^an? \S/);
  });

  test(`${kind}: the id says which authenticator has vouched, and claims are small`, async (t) => {
    const { admission } = await setUp(t);
    if (admission.user === null) return;
    assert.match(admission.user.id, new RegExp(`^${kind}:.`));
    assert.equal(admission.user.name, admission.name);
    assert.ok(Buffer.byteLength(JSON.stringify(admission.user.claims)) <= maxClaimsBytes);
  });

  test(`${kind}: whoever has something else is refused, in words without a secret`, async (t) => {
    const { authenticator, wrong, secrets } = await setUp(t);
    for (const [given, code] of wrong) {
      const error = await refusalOf(ask(authenticator, given));
      assert.equal(error.code, code, `${JSON.stringify(given)}: ${error.message}`);
      assert.match(error.message, /^[A-Z].*\.$/);
      for (const secret of secrets) assert.ok(!error.message.includes(secret), error.message);
    }
  });

  test(`${kind}: where there is nothing to judge it leaves it to the next`, async (t) => {
    const { authenticator, nothing } = await setUp(t);
    if (nothing) assert.equal(await ask(authenticator, nothing), undefined);
  });

  test(`${kind}: what came along is said to be there exactly if nothing need be typed`, async (t) => {
    const { authenticator, right, nothing } = await setUp(t);
    const isGiven = (given: Given) => authenticator.isGiven?.(credentials(given)) ?? false;
    const { name: _name, password: _password, ...alone } = right;
    assert.ok(loginWays.some((way) => way === authenticator.way));
    assert.equal(isGiven(alone), Object.keys(alone).length > 0);
    assert.equal(isGiven({}), false);
    if (nothing) assert.equal(isGiven(nothing), false);
  });

  test(`${kind}: names of any shape are refused, let in or left, and never quoted as they came`, async (t) => {
    const { authenticator, right } = await setUp(t);
    for (const name of hostileNames) {
      const answer = await ask(authenticator, { ...right, name }).catch((error) => error);
      if (!(answer instanceof Error)) continue;
      assert.ok(answer instanceof ChatError, String(answer));
      assert.doesNotMatch(answer.message, /[\p{Cc}\p{Cf}\p{Cs}]/u);
      assert.ok(answer.message.length < 500);
    }
  });

  test(`${kind}: of a hundred logins at once each is let in or told to come again, and none is left waiting`, async (t) => {
    const { authenticator, right, admission } = await setUp(t);
    const answers = await Promise.allSettled(Array.from({ length: 100 }, () => ask(authenticator, right)));
    for (const answer of answers) {
      if (answer.status === 'fulfilled') assert.deepEqual(answer.value, admission);
      else {
        assert.ok(answer.reason instanceof ChatError, String(answer.reason));
        assert.ok(expectedUnderLoad.has(answer.reason.code), answer.reason.code);
      }
    }
    assert.ok(answers.some(({ status }) => status === 'fulfilled'));
    assert.deepEqual(await ask(authenticator, right), admission, 'and it goes on');
  });

  test(`${kind}: it comes to an end also if nobody waits any more`, async (t) => {
    const { authenticator, right, admission } = await setUp(t);
    const answer = await authenticator
      .authenticate(credentials(right), AbortSignal.abort())
      .catch((error) => error);
    if (answer instanceof Error) assert.ok(answer instanceof ChatError && answer.code === 'unavailable');
    else assert.deepEqual(answer, admission);
  });
}

/** The error that a login must end with. */
export async function refusalOf(login: Promise<unknown>): Promise<ChatError> {
  const answer = await login.catch((error) => error);
  assert.ok(answer instanceof ChatError, `expected a refusal; got ${JSON.stringify(answer) ?? answer}`);
  return answer;
}

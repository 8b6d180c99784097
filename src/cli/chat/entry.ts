/** With what to go into a room, by what its server judges by. */

import { userInfo } from 'node:os';
import type { Login } from '../../client/index.ts';
import { Failure, UsageError } from '../failure.ts';
import { ask, canAsk } from './ask.ts';
import { notLetIn } from './exit-codes.ts';
import { safeLine } from './safe-text.ts';

export interface Entry {
  /** Undefined: the token says who one is. */
  readonly name: string | undefined;
  readonly password: string | undefined;
  /** It goes by the token: neither another name nor a password would change the answer. */
  readonly byToken: boolean;
}

/**
 * @param login undefined if the server does not say
 * @param wanted what was given as `--name`
 * @param page the address of the room's page
 * @throws Failure if what it takes was not given, and nobody can be asked for it
 */
export async function entryFor(
  login: Login | undefined,
  wanted: string | undefined,
  hasToken: boolean,
  page: string,
): Promise<Entry> {
  const { takes, signIn } = login ?? { takes: ['anything'] };
  const has = (...ways: readonly string[]) => takes.some((way) => ways.includes(way));
  const chosen = wanted ?? (process.env.PARLOR_NAME || undefined);
  if (hasToken && has('token', 'anything')) return { name: chosen, password: undefined, byToken: true };
  if (!has('name', 'password', 'anything') && has('token')) {
    const where =
      signIn === undefined
        ? ''
        : ` Sign in at ${safeLine(signIn.replaceAll('{url}', encodeURIComponent(page)))}`;
    throw new Failure(
      `This room asks for a token: give it by --token-file or in PARLOR_TOKEN.${where}`,
      notLetIn,
    );
  }
  if (!has('name', 'password', 'anything') && has('certificate')) {
    throw new Failure('This room asks for a certificate, and parlor has none to show.', notLetIn);
  }
  const name = chosen ?? loginName() ?? (await askName('Your name: '));
  const isPasswordSure = has('password') && !has('name', 'anything');
  return { name, password: isPasswordSure ? await passwordOf(name) : undefined, byToken: false };
}

export async function askName(question: string): Promise<string> {
  if (!canAsk()) throw new UsageError('Expected --name NAME; got none, and there is nobody to ask.');
  return ask(question);
}

/** From the environment, or from who sits there; undefined if neither has one. */
async function passwordOf(name: string): Promise<string | undefined> {
  if (process.env.PARLOR_PASSWORD) return process.env.PARLOR_PASSWORD;
  return canAsk() ? ask(passwordQuestion(name), true) : undefined;
}

export function passwordQuestion(name: string | undefined): string {
  return `Password${name === undefined ? '' : ` of ${safeLine(name)}`}: `;
}

/** As one is known on this machine. */
function loginName(): string | undefined {
  const { USER, LOGNAME, USERNAME } = process.env;
  try {
    return USER || LOGNAME || USERNAME || userInfo().username || undefined;
  } catch {
    // Containers run under users without a name.
    return undefined;
  }
}

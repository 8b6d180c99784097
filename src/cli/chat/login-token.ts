/** The token to be let in by, from a file or the environment; never from arguments, which others see. */

import { readFileSync } from 'node:fs';
import type { LoginToken } from '../../client/index.ts';
import { quote } from '../../core/quote.ts';
import { whyUnreadable } from '../../core/unreadable.ts';
import { Failure } from '../failure.ts';
import { notLetIn } from './exit-codes.ts';

/** A longer one fits into no request. */
const maxChars = 16_000;

/**
 * @param path what was given as `--token-file`; it is read anew each time a session is created, for tokens run out
 * @returns undefined if there is no token
 * @throws Failure if the file has none
 */
export function loginToken(path: string | undefined): LoginToken | undefined {
  if (path === undefined) {
    const { PARLOR_TOKEN: given = '' } = process.env;
    if (given.trim() === '') return undefined;
    const token = soundToken('PARLOR_TOKEN', given);
    return () => token;
  }
  let newest = readToken(path);
  return () => {
    try {
      newest = readToken(path);
    } catch {
      // It is just being written, or gone: the one of before may still do.
    }
    return newest;
  };
}

/** @throws Failure if the file has no token */
export function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(
      `The token file ${quote(path)} cannot be read (${whyUnreadable(path, error, process.cwd())}).`,
      notLetIn,
    );
  }
  return soundToken(`the token file ${quote(path)}`, text);
}

/**
 * A token without the white space around it.
 *
 * @param place where it is from, for the error, which does not repeat it
 * @throws Failure if it is none
 */
export function soundToken(place: string, text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= maxChars) return token;
  throw new Failure(`Expected a token in ${place}, of one line; got something else.`, notLetIn);
}

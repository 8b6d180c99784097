/** The text of a password file: a line `NAME:HASH` for each user; blank lines, and those that begin with #, say nothing. */

import { ChatError } from '../core/errors.ts';
import { nameKey, type Skeleton, validateName } from '../core/names.ts';
import { quote } from '../core/quote.ts';
import { type PasswordHash, parseHash } from './password-hash.ts';

/** How names are told apart. */
export interface NameRules {
  readonly maxNameLength: number;
  readonly skeleton: Skeleton;
}

export interface PasswordEntry {
  /** As it is shown in the room. */
  readonly name: string;
  /** The number of its line, from 1 on. */
  readonly line: number;
  readonly hash: PasswordHash;
}

/**
 * Reads all lines, or none.
 * @returns the users, by the keys of their names
 * @throws Error in one line that says where it cannot be understood, and no hash
 */
export function parsePasswords(text: string, rules: NameRules): ReadonlyMap<string, PasswordEntry> {
  const entries = new Map<string, PasswordEntry>();
  for (const [index, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (content.trim() === '' || content.startsWith('#')) continue;
    const line = index + 1;
    const colon = content.indexOf(':');
    const hash = parseHash(content.slice(colon + 1));
    if (colon < 0 || !hash)
      throw new Error(`line ${line}: expected NAME:$scrypt$… as "parlor users" writes it`);
    const name = nameOf(content.slice(0, colon), line, rules);
    const key = nameKey(name, rules.skeleton);
    const first = entries.get(key);
    if (first) {
      throw new Error(
        `line ${line}: ${quote(name)} is, or looks like, ${quote(first.name)} in line ${first.line}`,
      );
    }
    entries.set(key, { name, line, hash });
  }
  return entries;
}

function nameOf(text: string, line: number, { maxNameLength }: NameRules): string {
  try {
    return validateName(text, { maxLength: maxNameLength });
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw new Error(`line ${line}: ${error.message.replace(/\.$/, '')}`);
  }
}

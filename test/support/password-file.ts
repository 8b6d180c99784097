/** Password files with hashes that cost next to nothing. */

import { scryptSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { formatHash } from '../../src/auth/password-hash.ts';
import { noteSecret } from './secrets.ts';

/** A line of a password file. */
export function passwordLine(name: string, password: string, ln = 8): string {
  noteSecret(password);
  const salt = Buffer.from(`salt of ${name.padEnd(16)}`);
  const hash = scryptSync(password, salt, 32, { N: 2 ** ln, r: 8, p: 1, maxmem: 2 ** 28 });
  return `${name}:${formatHash({ ln, r: 8, p: 1, salt, hash })}`;
}

/** @param users their passwords, by name */
export function writePasswords(path: string, users: Readonly<Record<string, string>>): void {
  const lines = Object.entries(users).map(([name, password]) => `${passwordLine(name, password)}\n`);
  writeFileSync(path, lines.join(''));
}

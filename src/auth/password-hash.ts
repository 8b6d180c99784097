/**
 * Passwords as hashes of scrypt, written as PHC strings: `$scrypt$ln=15,r=8,p=3$salt$hash`, in base64 without padding.
 * Node does it in its thread pool, of which it never takes more than who calls leaves to it.
 */

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** What a hash costs, and what it came to. */
export interface PasswordHash {
  /** log₂ of N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** One of those that OWASP recommends: 32 MiB, some 150 ms of a core. */
const cost = { ln: 15, r: 8, p: 3 } as const;
const saltBytes = 16;
const hashBytes = 32;
/** What a line of a file may make the server spend on one login. */
const maxMemoryBytes = 128 * 2 ** 20;
const maxWork = 2 ** 23;

const phc =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** The hash of a password that is chosen now. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(saltBytes);
  return { ...cost, salt, hash: await derive(password, { ...cost, salt }, hashBytes) };
}

export async function isPassword(password: string, expected: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, expected, expected.hash.length), expected.hash);
}

/** A hash that no password has, and that costs as much as `like`, if there is one, to find that out. */
export function hashOfNobody(like: PasswordHash | undefined): PasswordHash {
  const { ln, r, p, salt, hash } = like ?? {
    ...cost,
    salt: { length: saltBytes },
    hash: { length: hashBytes },
  };
  return { ln, r, p, salt: randomBytes(salt.length), hash: randomBytes(hash.length) };
}

export function formatHash({ ln, r, p, salt, hash }: PasswordHash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

/** @returns undefined if this is no such string, or costs more than a login may */
export function parseHash(text: string): PasswordHash | undefined {
  const [, ...fields] = phc.exec(text) ?? [];
  const [ln = 0, r = 0, p = 0] = fields.slice(0, 3).map(Number);
  const [, , , salt = '', hash = ''] = fields;
  const isSane = ln >= 1 && r >= 1 && p >= 1;
  if (!isSane || memoryOf({ ln, r }) > maxMemoryBytes || 2 ** ln * r * p > maxWork) return undefined;
  return { ln, r, p, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function derive(
  password: string,
  { ln, r, p, salt }: Omit<PasswordHash, 'hash'>,
  length: number,
): Promise<Buffer> {
  // OpenSSL counts more than the table.
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf({ ln, r }) + 2 ** 20 };
  return new Promise((resolve, reject) => {
    // One password is typed in several ways of writing its accents.
    scrypt(password.normalize('NFC'), salt, length, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function memoryOf({ ln, r }: Pick<PasswordHash, 'ln' | 'r'>): number {
  return 128 * 2 ** ln * r;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

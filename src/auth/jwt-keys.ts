/** By what the signatures of tokens are checked: a secret, a public key, or the keys that an address has. */

import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { quote } from '../core/quote.ts';
import { whyUnreadable } from '../core/unreadable.ts';

/** What `jose` takes. What a token itself says of keys (`jku`, `jwk`, `x5u` …) is never looked at. */
export type JwtKeys = Uint8Array | KeyObject | JWTVerifyGetKey;

/** A token with a key that is not known asks for the keys again, but not more often than this. */
const cooldownMs = 30_000;
/** A key that its issuer took back counts so long. */
const maxAgeMs = 10 * 60_000;

export function secretKey(secret: string): Uint8Array {
  return new TextEncoder().encode(secret);
}

/**
 * @param text a key in PEM, or the path of a file that has one
 * @throws Error that says in half a line what is wrong
 */
export function publicKey(text: string): KeyObject {
  const pem = text.includes('-----BEGIN') ? text : read(text);
  if (pem.includes('PRIVATE KEY-----')) throw new Error('expected a public key; got a private one');
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new Error('expected a public key in PEM; it cannot be read as one', { cause: error });
  }
}

/**
 * The keys that are at `url`, kept for some minutes. No redirect is followed.
 * @param onTrouble told in half a line when they cannot be had
 */
export function remoteKeys(
  url: string,
  timeoutMs: number,
  onTrouble: (why: string) => void,
): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: maxAgeMs,
  });
  let isSaid = false;
  return async (header, token) => {
    try {
      const key = await keys(header, token);
      isSaid = false;
      return key;
    } catch (error) {
      if (isTokensFault(error)) throw error;
      if (!isSaid) onTrouble(error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
      isSaid = true;
      throw error;
    }
  };
}

/** Whether it is the token that is no good, and not our means to judge it. */
export function isTokensFault(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${quote(path)} cannot be read (${whyUnreadable(path, error, process.cwd())})`);
  }
}

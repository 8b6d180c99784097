/** Tokens (JWT) as an issuer makes them, and as a forger would: every part is given. */

import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export const secret = 'a secret of thirty-two bytes or more';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const keys = { rsa, ec, ed, otherRsa };

type Part = Readonly<Record<string, unknown>>;

export function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Signed by HMAC with any bytes. */
export function hmac(header: Part, payload: Part, key: string | Buffer = secret): string {
  const digest = { HS384: 'sha384', HS512: 'sha512' }[String(header.alg)] ?? 'sha256';
  const body = `${encode(header)}.${encode(payload)}`;
  return `${body}.${createHmac(digest, key).update(body).digest('base64url')}`;
}

/** Signed by a private key, as RS256, ES256 or EdDSA do by the kind of the key. */
export function signed(header: Part, payload: Part, key: KeyObject): string {
  const body = `${encode(header)}.${encode(payload)}`;
  const signature =
    key.asymmetricKeyType === 'ed25519'
      ? sign(null, Buffer.from(body), key)
      : createSign('sha256').update(body).sign({ key, dsaEncoding: 'ieee-p1363' });
  return `${body}.${signature.toString('base64url')}`;
}

/** Of Ada, for an hour from `nowMs` on. */
export function adasClaims(nowMs: number, more: Part = {}): Part {
  return { sub: 'u-1', exp: Math.floor(nowMs / 1000) + 3600, preferred_username: 'Ada', ...more };
}

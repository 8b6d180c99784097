/** Secrets and identifiers, made outside: the domain has no source of randomness of its own. */

export interface Tokens {
  /** A new secret of 256 random bits, as base64url [SES-9]. */
  issue(): string;
  /** A new public identifier: a random UUID. */
  id(): string;
  /** SHA-256 of a token, as base64url: what may be stored [SES-9]. */
  hash(token: string): string;
}

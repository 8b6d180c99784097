/** What an error of Redis means: that asking again may help, that nobody knows what became of it, or that it will never do. */

import { ChatError, codeOf } from '../../core/errors.ts';
import { StoreRefusal } from '../store-refusal.ts';

// What Redis says that cannot take a write.
const passing = /^(?:OOM|MISCONF|READONLY|LOADING|MASTERDOWN|NOREPLICAS|BUSY|CLUSTERDOWN|TRYAGAIN|NOPERM)/;
// What trying again does not mend.
const lasting =
  /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:invalid DB index|DB index|AUTH|Client sent AUTH|unknown command|SELECT))/;
const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const retryAfterMs = 2_000;

export const isAway = 'The store does not answer at the moment.';

/** What a caller is told who may ask again. */
export function unavailable(detail: string): ChatError {
  return new ChatError('unavailable', detail, { retryAfterMs });
}

/** What a caller is told of an error of Redis. */
export function explained(error: unknown): unknown {
  const mayPass =
    error instanceof Error && (isBroken(error) || isPassing(error) || hasForgottenScript(error));
  return mayPass ? unavailable(isAway) : error;
}

/** Whether Redis is there, but cannot take a write now. */
export function isPassing(error: Error): boolean {
  return passing.test(error.message);
}

/** Whether Redis has carried nothing out, for want of the script. */
export function hasForgottenScript(error: Error): boolean {
  return /^NOSCRIPT/.test(error.message);
}

/** Whether the connection went before an answer came. */
export function isBroken(error: Error): boolean {
  return /Connection is closed|aborted due to connection close|writeable|ECONNRESET|EPIPE/.test(
    error.message,
  );
}

/** Whether this Redis only follows another one. */
export function isReplica(error: unknown): error is Error {
  return error instanceof Error && /^READONLY/.test(error.message);
}

/** What keeps a server from ever using this Redis, in one line; undefined if trying again may help. */
export function refusalOf(error: Error | undefined): StoreRefusal | undefined {
  if (!error || error instanceof StoreRefusal) return error;
  if (untrusted.has(codeOf(error) ?? '')) {
    return new StoreRefusal(
      `the certificate of Redis is not trusted (${error.message}); STORE_CA names its authority`,
    );
  }
  return lasting.test(error.message)
    ? new StoreRefusal(`Redis refuses: ${withoutInput(error).message}`)
    : undefined;
}

/** An error of Redis for logs: ioredis hangs the command on it, with passwords and what people said. */
export function withoutInput(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  const told = new Error(text.replace(/,? with args beginning with:.*$/s, ''));
  told.name = error instanceof Error ? error.name : told.name;
  return told;
}

/** Who may administer: whoever has ADMIN_TOKEN, as a bearer. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ChatError, type RateLimit } from '../core/errors.ts';
import { addressKey } from './client-address.ts';
import { bearerToken } from './credentials.ts';
import type { Services } from './services.ts';

/**
 * Makes the `onRequest` hook of all that only an operator may do. A wrong token is counted against its address, of which after
 * five in a minute even the right one is refused; it takes as long to refuse, however much of it is right.
 */
export function adminHook({ config, adminLimit, clock, observer }: Services) {
  const expected = config.adminToken === null ? undefined : digest(config.adminToken);
  return async (request: FastifyRequest): Promise<void> => {
    if (!expected) {
      throw new ChatError('not-found', 'This server has no administration (ADMIN_TOKEN is not set).');
    }
    const address = addressKey(request.ip);
    adminLimit.check(address, clock.monotonic());
    const token = bearerToken(request);
    if (token === undefined) {
      throw new ChatError('credentials-required', 'This needs the ADMIN_TOKEN as a bearer.');
    }
    if (timingSafeEqual(digest(token), expected)) return;
    adminLimit.charge(address, clock.monotonic());
    observer.administered?.({ act: 'refused', address: request.ip });
    throw new ChatError('credentials-required', 'This is not the ADMIN_TOKEN.');
  };
}

/** Says of what there were too many: it is told to whoever comes with the right one, too. */
export function tooManyTokens(limit: RateLimit, retryAfterMs: number): ChatError {
  return new ChatError(
    'rate-limited',
    `Too many tokens from your address were not the ADMIN_TOKEN. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    { limit, retryAfterMs },
  );
}

/** Of one length, whatever the token's: only such can be compared in constant time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

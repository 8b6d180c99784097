/**
 * Refuses a request that has twice what says one thing. Node takes the first; whoever stands before the server may have
 * judged by the last. Cookies are told apart by their names (`cookies.ts`).
 */

import type { FastifyInstance } from 'fastify';
import { ChatError } from '../core/errors.ts';

const bits: ReadonlyMap<string, number> = new Map(
  ['authorization', 'content-type', 'host', 'origin', 'sec-fetch-site'].map((name, index) => [
    name,
    1 << index,
  ]),
);
// Looked at first, as names come in any case.
const lengths: ReadonlySet<number> = new Set([...bits.keys()].map((name) => name.length));

/** Adds the hook to this scope and below. */
export function refuseRepeatedHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const name = repeatedIn(request.raw.rawHeaders);
    done(
      name === undefined
        ? undefined
        : new ChatError('invalid-request', `Expected one header ${name}; it was sent more than once.`),
    );
  });
}

/** @param rawHeaders names and values in turn, as they came */
function repeatedIn(rawHeaders: readonly string[]): string | undefined {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name === undefined || !lengths.has(name.length)) continue;
    const bit = bits.get(name.toLowerCase());
    if (bit === undefined) continue;
    if ((seen & bit) !== 0) return name.toLowerCase();
    seen |= bit;
  }
  return undefined;
}

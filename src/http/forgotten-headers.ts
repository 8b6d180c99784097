/** Lets go of a request's headers, which nobody reads any more, but Node keeps as long as the stream is open. */

import type { FastifyRequest } from 'fastify';

const noHeaders = Object.freeze({});

/**
 * For an application that owns its server: others may look at the headers when the stream ends. What browsers send is
 * 1.5 kB, more than all that we keep for a stream ourselves.
 */
export function forgetHeaders({ raw }: FastifyRequest): void {
  raw.rawHeaders.length = 0;
  raw.headers = noHeaders;
}

/** What a text is known by (`ETag`), so that whoever has it already is told so without it. */

import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Weak, for it goes compressed or not. */
export function etagOf(text: string): string {
  return `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/**
 * Names what is asked for in the answer.
 * @returns whether the asker has it already: then the answer is a 304 without a body
 */
export function isKnown(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  reply.header('etag', etag);
  return request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag) ?? false;
}

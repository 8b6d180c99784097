/** The cookie that holds the token of a room's session: one per room, for this host alone. */

import { parse, serialize } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { ChatError } from '../core/errors.ts';

/** Over HTTPS only the name counts that no other host and no plain-HTTP page can set. */
function cookieName(request: FastifyRequest, room: string): string {
  return request.protocol === 'https' ? `__Host-parlor-${room}` : `parlor-${room}`;
}

/**
 * The token in a request's cookie.
 * @throws ChatError `invalid-request` if the cookie is there twice: one of them is somebody else's
 */
export function readTokenCookie(request: FastifyRequest, room: string): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined) return undefined;
  const name = cookieName(request, room);
  const first = header.indexOf(`${name}=`);
  if (first < 0) return undefined;
  const pairs = header.split(';').filter((pair) => pair.trimStart().startsWith(`${name}=`));
  if (pairs.length > 1) throw new ChatError('invalid-request', `The cookie ${name} was sent twice.`);
  return parse(header)[name];
}

export function tokenCookie(request: FastifyRequest, room: string, token: string): string {
  return serialize(cookieName(request, room), token, cookieOptions(request));
}

export function clearedCookie(request: FastifyRequest, room: string): string {
  return serialize(cookieName(request, room), '', { ...cookieOptions(request), maxAge: 0 });
}

function cookieOptions(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: request.protocol === 'https' } as const;
}

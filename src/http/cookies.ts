/** The cookie that holds the token of a room's session: one per room, for this host alone. */

import { serialize } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { ChatError } from '../core/errors.ts';

/** Over HTTPS only the name counts that no other host and no plain-HTTP page can set. */
function cookieName(request: FastifyRequest, room: string): string {
  return request.protocol === 'https' ? `__Host-parlor-${room}` : `parlor-${room}`;
}

/**
 * The token in a request's cookie.
 * @param room the name of a room that there is
 * @throws ChatError `invalid-request` if the cookie is there twice: one of them is somebody else's
 */
export function readTokenCookie(request: FastifyRequest, room: string): string | undefined {
  return tokenCookies(request)(room);
}

/** Reads the cookies of a request, once: who asks for many rooms pays for their length only once. */
export function tokenCookies(request: FastifyRequest): (room: string) => string | undefined {
  const read = cookieReader(request);
  return (room) => read(cookieName(request, room));
}

/** Reads the cookies of a request by their names, as `tokenCookies`. */
export function cookieReader(request: FastifyRequest): (name: string) => string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined) return () => undefined;
  // Null for a name that was sent twice.
  const values = new Map<string, string | null>();
  for (const pair of cookie.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    values.set(name, values.has(name) ? null : pair.slice(equals + 1).trim());
  }
  return (name) => {
    const token = values.get(name);
    if (token === null) throw new ChatError('invalid-request', `The cookie ${name} was sent twice.`);
    // Some clients send what they were told to clear.
    return token === '' ? undefined : token;
  };
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

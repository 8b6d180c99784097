/** The name under which a browser last joined, for the next time. It proves nothing. */

import { parse, serialize } from 'cookie';
import type { FastifyRequest } from 'fastify';

const cookieName = 'parlor-name';
const keptSeconds = 365 * 24 * 3600;
// A name has at most 128 characters; what is longer was put there by somebody else.
const maxLength = 256;

export function nameCookie(request: FastifyRequest, name: string): string {
  return serialize(cookieName, name, {
    path: '/plain',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
    maxAge: keptSeconds,
  });
}

/** Empty if there is none. */
export function lastName(request: FastifyRequest): string {
  const { cookie } = request.headers;
  const name = cookie === undefined ? undefined : parse(cookie)[cookieName];
  return name === undefined || name.length > maxLength ? '' : name;
}

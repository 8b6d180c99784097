/**
 * Which session a request belongs to: a bearer token, else the room's cookie. Looked up before the body is
 * read; the token itself goes no further than here.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ChatError } from '../core/errors.ts';
import type { Session } from '../core/session.ts';
import { addressKey } from './client-address.ts';
import { clearedCookie, readTokenCookie } from './cookies.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Services } from './services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that the credential of the request proves; null on routes without one. */
    chatSession: Session | null;
  }
}

const bearerPattern = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Makes `request.chatSession` known to this scope and below. */
export function useCredentials(app: FastifyInstance): void {
  app.decorateRequest('chatSession', null);
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  return authorization === undefined ? undefined : bearerPattern.exec(authorization)?.[1];
}

/** The live session that a request proves, if any; null without a credential. */
export async function findSession(
  request: FastifyRequest,
  room: string,
  services: Services,
): Promise<Session | null> {
  const token = bearerToken(request) ?? readTokenCookie(request, room);
  if (token === undefined) return null;
  return (await lookUp(request, room, token, services)).session ?? null;
}

/** A hook for routes of a session's own. */
export function sessionHook(services: Services, checksOrigin: boolean) {
  return async (
    request: FastifyRequest<{ Params: { room: string } }>,
    reply: FastifyReply,
  ): Promise<void> => {
    const { room } = request.params;
    const bearer = bearerToken(request);
    if (checksOrigin && bearer === undefined) requireSameOrigin(request, services.config);
    const token = bearer ?? readTokenCookie(request, room);
    if (token === undefined) {
      if (!services.rooms.isRoom(room)) await services.rooms.open(room);
      throw new ChatError(
        'credentials-required',
        'This needs a session: its cookie, or its token as a bearer.',
      );
    }
    const { session, hash } = await lookUp(request, room, token, services);
    if (!session) {
      if (bearer === undefined) reply.header('set-cookie', clearedCookie(request, room));
      throw services.registry.gone(hash);
    }
    request.chatSession = session;
  };
}

/** The session that `sessionHook` has found. */
export function sessionOf(request: FastifyRequest): Session {
  if (!request.chatSession)
    throw new ChatError('internal', 'A route that needs a session has no hook for it.');
  return request.chatSession;
}

async function lookUp(request: FastifyRequest, room: string, token: string, services: Services) {
  const { registry, tokens, readLimit, clock } = services;
  const hash = tokens.hash(token);
  const known = registry.find(room, hash);
  if (known) return { session: known, hash };
  // Whoever guesses tokens makes the store look them up: so many and no more.
  readLimit.take(addressKey(request.ip), clock.monotonic());
  return { session: await registry.resume(room, hash), hash };
}

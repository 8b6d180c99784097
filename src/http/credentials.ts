/**
 * Which session a request belongs to: a bearer token, else the room's cookie. Looked up before the body is
 * read; the token itself goes no further than here.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ChatError } from '../core/errors.ts';
import type { Operation } from '../core/hooks.ts';
import type { Session } from '../core/session.ts';
import { addressKey } from './client-address.ts';
import { readTokenCookie, tokenCookies } from './cookies.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Services } from './services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that the credential of the request proves; null on routes without one. */
    chatSession: Session | null;
  }
}

type RoomRequest = FastifyRequest<{ Params: { room: string } }>;

const bearerPattern = /^Bearer +(\S+) *$/i;

/** Makes `request.chatSession` known to this scope and below. */
export function useCredentials(app: FastifyInstance): void {
  app.decorateRequest('chatSession', null);
}

/**
 * Asked first everywhere: only names of rooms stand in cookies, and only they are told apart by credentials.
 * @throws ChatError `room-not-found`
 */
export function requireRoom(room: string, { rooms }: Services): void {
  rooms.requireRoom(room);
}

/**
 * Asked of who has a session: he may be at another address now than when it was created.
 * @throws ChatError `permission-denied` from a banned address
 */
export function requireAddress(request: FastifyRequest, room: string, { restrictions }: Services): void {
  // To know the address costs, with a proxy, more than a poll may.
  if (restrictions.hasAddresses) restrictions.require({ room, address: request.ip });
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  return authorization === undefined ? undefined : bearerPattern.exec(authorization)?.[1];
}

/**
 * An `onRequest` hook for routes that belong to a session.
 * @param checksOrigin whether a request with a cookie must come from a page of this host
 * @param isLeaving whether it is about a session too that has ended, while the store does not know that [SES-1]
 */
export function sessionHook(services: Services, { checksOrigin = false, isLeaving = false } = {}) {
  return (request: RoomRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const { room } = request.params;
    requireRoom(room, services);
    if (checksOrigin && bearerToken(request) === undefined) requireSameOrigin(request, services.config);
    // Nobody is kept from leaving, or the room would keep his name.
    const accept = (session: Session): void => {
      if (!isLeaving) requireAddress(request, room, services);
      request.chatSession = session;
      done();
    };
    // A promise for each request would cost an empty poll a tenth of its time.
    const known = knownSession(request, room, services);
    if (known) accept(known);
    else requireSession(request, room, services, isLeaving).then(accept).catch(done);
  };
}

/** The session that `sessionHook` has found. */
export function sessionOf(request: FastifyRequest): Session {
  if (!request.chatSession)
    throw new ChatError('internal', 'A route that needs a session has no hook for it.');
  return request.chatSession;
}

/**
 * The session of a request that reads: asked for permission, counted against UPDATES_LIMIT and as activity.
 * @throws ChatError `session-gone`, `permission-denied`, `rate-limited`
 */
export async function acceptReading(request: FastifyRequest, operation: Operation): Promise<Session> {
  const session = sessionOf(request);
  await session.authorize(operation);
  session.requireUpdate();
  session.touch();
  session.noteOutbound();
  return session;
}

/**
 * The live session that a request proves. A dead cookie stays: a late refusal would clear what a newer `create` has set
 * in another tab, and so lock its name [SES-9].
 * @param room the name of a room that there is
 * @throws ChatError `credentials-required`, `session-gone`, or `rate-limited` for too many unknown tokens
 */
export async function requireSession(
  request: FastifyRequest,
  room: string,
  services: Services,
  isLeaving = false,
): Promise<Session> {
  const token = bearerToken(request) ?? readTokenCookie(request, room);
  if (token === undefined) {
    throw new ChatError(
      'credentials-required',
      'This needs a session: its cookie, or its token as a bearer.',
    );
  }
  const { registry, tokens } = services;
  const ended = isLeaving ? registry.closing(room, tokens.hash(token)) : undefined;
  const session = ended ?? (await findSession(request, room, token, services));
  if (session) return session;
  throw registry.gone(tokens.hash(token));
}

/** The session that the caller's cookie proves, if any: a dead cookie is as good as none. */
export async function heldSession(
  request: FastifyRequest,
  room: string,
  services: Services,
): Promise<Session | undefined> {
  const token = readTokenCookie(request, room);
  return token === undefined ? undefined : findSession(request, room, token, services);
}

/** The session of a request if this process has it: asks no store. */
function knownSession(request: FastifyRequest, room: string, services: Services): Session | undefined {
  return knownSessions(request, services)(room);
}

/** The session of a request in each of many rooms: its credentials are read once, however long they are. */
export function knownSessions(
  request: FastifyRequest,
  { registry, tokens }: Services,
): (room: string) => Session | undefined {
  const bearer = bearerToken(request);
  if (bearer !== undefined) {
    const hash = tokens.hash(bearer);
    return (room) => registry.find(room, hash);
  }
  const cookies = tokenCookies(request);
  return (room) => {
    const token = cookies(room);
    return token === undefined ? undefined : registry.find(room, tokens.hash(token));
  };
}

async function findSession(
  request: FastifyRequest,
  room: string,
  token: string,
  { registry, tokens, readLimit, clock }: Services,
): Promise<Session | undefined> {
  const hash = tokens.hash(token);
  const known = registry.find(room, hash);
  if (known) return known;
  // Whoever guesses tokens makes the store look them up: so many and no more. After a restart all sessions are unknown
  // here at first, maybe a thousand behind one address: they cost nothing.
  const address = addressKey(request.ip);
  readLimit.check(address, clock.monotonic());
  const session = await registry.resume(room, hash);
  if (!session) readLimit.charge(address, clock.monotonic());
  else session.address ??= request.ip;
  return session;
}

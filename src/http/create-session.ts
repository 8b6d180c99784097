/** `create`, as the API and the plain pages do it. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Created } from '../core/create-request.ts';
import type { Delivery } from '../core/store.ts';
import { givenTokens } from './auth-tokens.ts';
import { addressKey } from './client-address.ts';
import { tokenCookie } from './cookies.ts';
import { heldSession } from './credentials.ts';
import type { Services } from './services.ts';

/** What a client asks for. */
export interface WantedSession {
  readonly room: string;
  readonly name: string | undefined;
  readonly password: string | undefined;
  readonly delivery: Delivery;
  /** Whether the token goes into the room's cookie; the session that it proves already is then gone on with. */
  readonly usesCookie: boolean;
  readonly createKey: string | null;
}

/** @throws ChatError `rate-limited` */
export function requireCreateLimit(request: FastifyRequest, { createLimit, clock }: Services): void {
  createLimit.take(addressKey(request.ip), clock.monotonic());
}

/**
 * Opens a session, and sets its cookie if it is to have one.
 * @throws ChatError as the authenticator and `SessionRegistry.create`
 */
export async function createSession(
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: WantedSession,
  services: Services,
): Promise<Created> {
  const { room, name, password, delivery, usesCookie, createKey } = wanted;
  const held = usesCookie ? await heldSession(request, room, services) : undefined;
  const admission = await services.authenticators.admit({
    name,
    password,
    remoteAddress: request.ip,
    ...givenTokens(request, services.config.authTokens),
  });
  const created = await services.registry.create({
    room,
    name: admission.name,
    user: admission.user,
    delivery,
    held,
    createKey,
    // Of the response, a close would be missed while another answer is due before it on the connection.
    isAborted: () => request.raw.socket.destroyed,
  });
  created.session.address ??= request.ip;
  if (created.token !== null && usesCookie)
    reply.header('set-cookie', tokenCookie(request, room, created.token));
  return created;
}

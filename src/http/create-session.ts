/** `create`, as the API and the plain pages do it. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import type { Credentials } from '../core/authenticator.ts';
import type { Created } from '../core/create-request.ts';
import type { Delivery } from '../core/store.ts';
import { givenTokens } from './auth-tokens.ts';
import { addressKey } from './client-address.ts';
import { tokenCookie } from './cookies.ts';
import { heldSession } from './credentials.ts';
import { givenCertificate } from './given-certificate.ts';
import { requireRelief } from './overload.ts';
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

/**
 * What is asked before anybody is asked for a name or a password.
 * @throws ChatError `rate-limited`, `permission-denied` by a banned address or to a closed room, `unavailable`
 */
export function requireCreate(
  request: FastifyRequest<{ Params: { room: string } }>,
  { createLimit, clock, restrictions }: Services,
): void {
  createLimit.take(addressKey(request.ip), clock.monotonic());
  restrictions.require({ room: request.params.room, address: request.ip });
}

/**
 * What a browser brings along of itself. An `Authorization` is left out: in whatever is not `create` it is a session's.
 * @throws ChatError `invalid-request` for a token that was sent twice
 */
export function cameAlong(request: FastifyRequest, config: Config): Credentials {
  const given = credentialsOf(request, config);
  const { authorization: _, ...headers } = given.headers;
  return { ...given, headers };
}

function credentialsOf(request: FastifyRequest, { authTokens }: Config): Credentials {
  const given = givenTokens(request, authTokens);
  const certificate = givenCertificate(request);
  return { name: undefined, password: undefined, remoteAddress: request.ip, ...given, certificate };
}

/**
 * Opens a session, and sets its cookie if it is to have one.
 * @throws ChatError `unavailable` to newcomers of an overloaded server, else as the authenticator and `SessionRegistry.create`
 */
export async function createSession(
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: WantedSession,
  services: Services,
): Promise<Created> {
  const { room, name, password, delivery, usesCookie, createKey } = wanted;
  const held = usesCookie ? await heldSession(request, room, services) : undefined;
  if (!held) requireRelief(services.overload);
  const admission = await services.authenticators.admit({
    ...credentialsOf(request, services.config),
    name,
    password,
  });
  const created = await services.registry.create({
    room,
    name: admission.name,
    user: admission.user,
    delivery,
    held,
    createKey,
    address: request.ip,
    // Of the response, a close would be missed while another answer is due before it on the connection.
    isAborted: () => request.raw.socket.destroyed,
  });
  if (created.token !== null && usesCookie)
    reply.header('set-cookie', tokenCookie(request, room, created.token));
  return created;
}

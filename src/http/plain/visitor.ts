/** Who asks for a page: a member, or somebody outside, maybe one whose stay has ended. */

import type { FastifyRequest } from 'fastify';
import { ChatError } from '../../core/errors.ts';
import type { Session } from '../../core/session.ts';
import { readTokenCookie } from '../cookies.ts';
import { knownSessions, requireSession } from '../credentials.ts';
import type { Services } from '../services.ts';

export interface Visitor {
  readonly session: Session | undefined;
  /** Why a stay has ended. */
  readonly gone: ChatError | undefined;
}

/** @throws ChatError as `requireSession`, but not for want of a session */
export async function visitorOf(request: FastifyRequest, room: string, services: Services): Promise<Visitor> {
  try {
    return { session: await requireSession(request, room, services), gone: undefined };
  } catch (error) {
    if (isOutside(error)) {
      return { session: undefined, gone: error.code === 'session-gone' ? error : undefined };
    }
    throw error;
  }
}

/** Whether an error says that the caller has no session (any more). */
export function isOutside(error: unknown): error is ChatError {
  return (
    error instanceof ChatError && (error.code === 'credentials-required' || error.code === 'session-gone')
  );
}

/** The session of a request that was refused, if this process knows it: asks no store and throws nothing. */
export function refusedSession(
  request: FastifyRequest,
  room: string,
  services: Services,
): Session | undefined {
  try {
    const session = request.chatSession ?? knownSessions(request, services)(room);
    return session?.isClosed ? undefined : session;
  } catch {
    return undefined;
  }
}

/** Whether a request that was refused came with the cookie of a session, dead or alive. */
export function hadCookie(request: FastifyRequest, room: string): boolean {
  try {
    return readTokenCookie(request, room) !== undefined;
  } catch {
    return false;
  }
}

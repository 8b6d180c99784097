/** Who is asked before a session is opened, whoever has vouched for its user: a port. */

import type { User } from './authenticator.ts';
import type { CreateRequest } from './create-request.ts';
import type { Session } from './session.ts';
import type { Delivery } from './store.ts';

/** A session that somebody wants. */
export interface SessionWish {
  readonly room: string;
  readonly name: string;
  readonly user: User | null;
  readonly delivery: Delivery;
  readonly address: string | undefined;
  /**
   * The sessions that would end by it, as far as this process serves them: that of the same user in the room, and the one that the
   * caller holds. A look before: what has really been taken over, only the store knows once the session is open.
   */
  readonly replaces: readonly string[];
}

export interface SessionManager {
  /** @throws ChatError `permission-denied` with a reason for the client, or `unavailable` if nobody can say */
  admit(wish: SessionWish): Promise<void>;
}

/** What a manager is asked about a `create`. */
export function wishOf(request: CreateRequest, name: string, sessions: Iterable<Session>): SessionWish {
  const { room, user, delivery, address, held, createKey } = request;
  const replaces = held && !held.isClosed ? [held.sessionId] : [];
  for (const session of user ? sessions : []) {
    // A lost answer that is asked for again ends nothing.
    const isRepeat = createKey !== null && session.createKey === createKey;
    if (session.room !== room || session.user?.id !== user?.id || isRepeat || session === held) continue;
    replaces.push(session.sessionId);
  }
  return { room, name, user, delivery, address, replaces };
}

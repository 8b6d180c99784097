/**
 * How sessions come to a process: opened by a claim, asked for again after a lost answer, or taken over from another
 * process or an earlier one. A session is in the table from before the store is asked for it, so that no ending that comes in
 * between, and no ban, is missed.
 */

import type { ChatRoom } from './chat-room.ts';
import type { Closings } from './closings.ts';
import type { CreateRequest } from './create-request.ts';
import { endingOf } from './endings.ts';
import { ChatError } from './errors.ts';
import type { Arrival, WatchedHooks } from './hooks.ts';
import { endingDetailOf } from './restriction-words.ts';
import type { Restrictions } from './restrictions.ts';
import type { Rooms } from './rooms.ts';
import { Session } from './session.ts';
import type { SessionContext } from './session-context.ts';
import { fullRetryMs } from './session-limits.ts';
import type { SessionTable } from './session-table.ts';
import type { OpenAnswer, SessionClaim, SessionRecord, Store } from './store.ts';

interface OpenerParts {
  readonly rooms: Rooms;
  readonly store: Store;
  readonly restrictions: Restrictions;
  readonly table: SessionTable;
  readonly closings: Closings<Session>;
  readonly context: SessionContext<Session>;
}

interface Opened {
  readonly session: Session;
  readonly record: SessionRecord;
}

export class SessionOpener {
  readonly #parts: OpenerParts;
  // Of the server's own members.
  readonly #insideContext: SessionContext<Session>;

  constructor(parts: OpenerParts) {
    const { context } = parts;
    this.#parts = parts;
    this.#insideContext = {
      ...context,
      limits: { ...context.limits, send: null, updates: null, floodStrikes: null },
      hooks: notificationsOf(context.hooks),
    };
  }

  /**
   * Asks the store for a session, which is known from here on.
   * @throws ChatError `name-in-use`, `session-gone`, `unavailable`
   */
  async open(claim: SessionClaim, room: ChatRoom, request: CreateRequest): Promise<Opened> {
    const session = this.#admit(
      claim,
      room,
      request.isServerSide ? this.#insideContext : this.#parts.context,
    );
    session.address = request.address;
    // From here on nobody ends them before this claim is answered, which may be by one of them.
    const repeated = this.#parts.table.takeDoubtful(claim.createKey);
    try {
      const answer = await (claim.delivery === 'pull' ? room.reserveAndJoin(claim) : room.reserve(claim));
      return await this.#answered(session, answer);
    } finally {
      for (const unanswered of [session, ...repeated]) this.#parts.table.doubt(unanswered);
    }
  }

  async #answered(session: Session, answer: OpenAnswer): Promise<Opened> {
    switch (answer.outcome) {
      case 'opened':
        // Taken over while the answer was on its way.
        session.requireOpen();
        this.#parts.table.register(session, answer.record, arrivalOf(answer.replaced));
        return { session, record: answer.record };
      case 'reopened':
        this.#parts.table.drop(session);
        return { session: await this.#reopen(answer.record), record: answer.record };
      case 'name-in-use':
        this.#parts.table.drop(session);
        throw new ChatError('name-in-use', `The name ${session.name} is already in use.`);
      case 'room-full':
        this.#parts.table.drop(session);
        throw new ChatError('unavailable', `The room ${session.room} is full (MAX_MEMBERS).`, {
          retryAfterMs: fullRetryMs,
          full: 'MAX_MEMBERS',
        });
    }
  }

  /** A lost answer to `create` is repeated: the same session, under a fresh token. */
  async #reopen(record: SessionRecord): Promise<Session> {
    const { room, sessionId, tokenHash } = record;
    const known = this.#parts.table.get(sessionId);
    if (known) {
      this.#parts.table.reregister(known, record);
      return known;
    }
    await this.adopt(room, tokenHash);
    const session = this.#parts.table.find(tokenHash);
    if (session) return session;
    throw new ChatError('unavailable', 'Your session has ended meanwhile. Try again.', { retryAfterMs: 0 });
  }

  /** Makes a session known here that another process has opened, or this one before a restart [SES-8]. */
  async adopt(room: string, tokenHash: string): Promise<void> {
    // A closed room is not opened for whatever token comes.
    const { rooms, restrictions, store } = this.#parts;
    const mayOpen = !restrictions.closureOf(room) || rooms.isLoaded(room);
    if (!mayOpen && !(await store.findSession(room, tokenHash))) {
      await this.#askEnding(room, tokenHash);
      return;
    }
    // First of all the room: a session that was found is taken over without fail, or nobody would ever reap it.
    await rooms.open(room);
    const record = await store.findSession(room, tokenHash);
    if (!record) {
      await this.#askEnding(room, tokenHash);
      return;
    }
    const chatRoom = rooms.find(room) ?? (await rooms.open(room));
    // Destroyed here, and only the store does not know it yet: it stays refused [SES-1].
    if (this.#parts.closings.has(record.sessionId) || this.#parts.table.get(record.sessionId)) return;
    const session = this.#admit(record, chatRoom);
    this.#parts.table.register(session, record, { resumed: true });
    this.showOut(session);
  }

  /** What ended in another process, its client learns here, too. */
  async #askEnding(room: string, tokenHash: string): Promise<void> {
    const { table, store } = this.#parts;
    if (table.ending(tokenHash)) return;
    const known = await store.endingOf?.(room, tokenHash);
    if (known) table.remember(tokenHash, endingOf(known.reason, known.detail));
  }

  /** Ends a session that a ban or the closing of its room hits. */
  showOut(session: Session): void {
    const hit = this.#parts.restrictions.hitting(session);
    if (hit) void session.destroy('removed', endingDetailOf(hit));
  }

  #admit(claim: SessionClaim, room: ChatRoom, context = this.#parts.context): Session {
    return this.#parts.table.admit(new Session(claim, room, context));
  }
}

/** The hooks that are told, without those that decide. Called on the object they are given in, which may use `this`. */
function notificationsOf(hooks: WatchedHooks): WatchedHooks {
  return {
    onSessionCreated: (handle, arrival) => hooks.onSessionCreated?.(handle, arrival),
    onSessionDestroyed: (...ended) => hooks.onSessionDestroyed?.(...ended),
    onUserRenewed: (handle) => hooks.onUserRenewed?.(handle),
  };
}

function arrivalOf(replaced: string | null): Arrival {
  return { resumed: false, ...(replaced !== null && { replaced }) };
}

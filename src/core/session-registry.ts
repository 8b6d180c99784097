/**
 * The sessions of this process: creates, finds and remembers them, within limits.
 *
 * A session is known to its room before the store is asked to open it, so that an ending which the store
 * tells in between is not missed; it can be found by its token once it is open.
 */

import { Activity } from './activity.ts';
import type { User } from './authenticator.ts';
import type { ChatRoom } from './chat-room.ts';
import type { Clock } from './clock.ts';
import type { Cursor } from './cursor.ts';
import type { Ending, SessionEndReason } from './endings.ts';
import { ChatError } from './errors.ts';
import type { Hooks } from './hooks.ts';
import { nameKey, type Skeleton, validateName } from './names.ts';
import type { RoomObserver } from './observer.ts';
import type { Rooms } from './rooms.ts';
import { Session, type SessionContext, type SessionLimits, sessionGone } from './session.ts';
import type { Delivery, OpenAnswer, SessionClaim, SessionRecord, SessionRef, Store } from './store.ts';
import type { Tokens } from './tokens.ts';

export interface RegistryLimits extends SessionLimits {
  readonly maxSessions: number;
  readonly maxNameLength: number;
}

export interface RegistryOptions {
  readonly rooms: Rooms;
  readonly store: Store;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly skeleton: Skeleton;
  readonly limits: RegistryLimits;
  readonly hooks: Hooks;
  readonly observer: RoomObserver;
}

export interface CreateRequest {
  readonly room: string;
  readonly name: string;
  readonly user: User | null;
  readonly delivery: Delivery;
  /** The session that the caller holds in this room already. */
  readonly held: Session | undefined;
  /** Lets the caller ask again after a lost answer. */
  readonly createKey: string | null;
  /** Whether the caller has hung up. */
  isAborted(): boolean;
}

export interface Created {
  readonly session: Session;
  /** Null for a session that the caller held already. */
  readonly token: string | null;
  readonly cursor: Cursor;
}

// Who asks later than this many other sessions have ended is told only that the session is gone.
const maxEndings = 10_000;
const endingsKeptMs = 60_000;
const fullRetryMs = 5_000;

export class SessionRegistry {
  readonly activity: Activity<Session>;
  readonly #options: RegistryOptions;
  readonly #context: SessionContext;
  readonly #byTokenHash = new Map<string, Session>();
  readonly #endings = new Map<string, { readonly ending: Ending; readonly at: number }>();
  readonly #owed = new Map<string, { readonly session: SessionRef; readonly reason: SessionEndReason }>();
  #opening = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.activity = new Activity(options.clock);
    this.#context = {
      clock: options.clock,
      limits: options.limits,
      hooks: options.hooks,
      observer: options.observer,
      activity: this.activity,
      forget: (session, ending) => this.#forget(session, ending),
      owe: (session, reason) => this.#owed.set(session.sessionId, { session, reason }),
    };
  }

  get size(): number {
    return this.#byTokenHash.size;
  }

  /** All sessions of this process. */
  sessions(): Iterable<Session> {
    return this.#byTokenHash.values();
  }

  /**
   * Opens a session: the whole of SES-10.
   * @throws ChatError `invalid-name`, `name-in-use`, `room-not-found`, `unavailable`
   */
  async create(request: CreateRequest): Promise<Created> {
    const name = await this.#validateName(request);
    const key = nameKey(name, this.#options.skeleton);
    const room = await this.#options.rooms.open(request.room);
    const { held } = request;
    if (held && !held.isClosed && held.nameKey === key && held.user?.id === request.user?.id) {
      held.touch();
      return { session: held, token: null, cursor: room.log.headCursor };
    }
    this.#requireRoomFor(1);
    if (request.isAborted()) throw new ChatError('request-timeout', 'The caller has hung up.');
    const token = this.#options.tokens.issue();
    const claim: SessionClaim = {
      room: room.name,
      sessionId: this.#options.tokens.id(),
      tokenHash: this.#options.tokens.hash(token),
      name,
      nameKey: key,
      user: request.user,
      delivery: request.delivery,
      createdAt: this.#options.clock.wall(),
      createKey: request.createKey,
    };
    const { session, record } = await this.#open(claim, room);
    if (request.isAborted() && request.createKey === null) {
      // Nobody will ever use it; with a key the caller may ask again [SES-10].
      await session.destroy('destroyed');
      throw new ChatError('request-timeout', 'The caller has hung up.');
    }
    if (held && !held.isClosed && held !== session) await held.destroy('destroyed');
    return { session, token, cursor: record.start };
  }

  /** The session of a token, if this process has it. Marks the token as used. */
  find(room: string, tokenHash: string): Session | undefined {
    const session = this.#byTokenHash.get(tokenHash);
    if (!session || session.room !== room) return undefined;
    if (session.isUnused) {
      session.isUnused = false;
      this.#touchStore(session);
    }
    return session;
  }

  /** The session of a token, also if another process created it [SES-8]. */
  async resume(room: string, tokenHash: string): Promise<Session | undefined> {
    if (!this.#options.rooms.isRoom(room)) return undefined;
    const record = await this.#options.store.findSession(room, tokenHash);
    if (!record) return undefined;
    const chatRoom = await this.#options.rooms.open(room);
    const known = this.find(room, tokenHash);
    if (known) return known;
    const session = new Session(record, chatRoom, this.#context);
    chatRoom.admit(session);
    this.#register(session, record);
    return this.find(room, tokenHash);
  }

  /** The refusal of a token without a session, with the reason while it is remembered. */
  gone(tokenHash: string): ChatError {
    return sessionGone(this.#endings.get(tokenHash)?.ending);
  }

  /** Tries again what the store could not commit, and forgets endings that are old. */
  async settle(): Promise<void> {
    const horizon = this.#options.clock.monotonic() - (this.#options.limits.timeoutMs ?? endingsKeptMs);
    for (const [hash, { at }] of this.#endings) {
      if (at > horizon) break;
      this.#endings.delete(hash);
    }
    for (const [id, { session, reason }] of this.#owed) {
      await this.#options.store.closeSession(session, reason);
      this.#owed.delete(id);
    }
  }

  async #open(claim: SessionClaim, room: ChatRoom): Promise<{ session: Session; record: SessionRecord }> {
    const session = new Session(claim, room, this.#context);
    room.admit(session);
    this.#opening += 1;
    let answer: OpenAnswer;
    try {
      answer = await (claim.delivery === 'pull' ? room.reserveAndJoin(claim) : room.reserve(claim));
    } catch (error) {
      room.dismiss(session);
      // Whether it took effect is unknown. Without a key nobody can come back for it.
      if (claim.createKey === null)
        this.#context.owe({ room: room.name, sessionId: claim.sessionId }, 'failed');
      throw error;
    } finally {
      this.#opening -= 1;
    }
    switch (answer.outcome) {
      case 'opened':
        if (session.isClosed) throw new ChatError('session-gone', 'Your session was taken over at once.');
        this.#register(session, answer.record);
        return { session, record: answer.record };
      case 'reopened':
        room.dismiss(session);
        return { session: this.#reopen(answer.record, room), record: answer.record };
      case 'name-in-use':
        room.dismiss(session);
        throw new ChatError('name-in-use', `The name ${claim.name} is already in use.`);
      case 'room-full':
        room.dismiss(session);
        throw new ChatError('unavailable', `The room ${room.name} is full (MAX_MEMBERS).`, {
          retryAfterMs: fullRetryMs,
        });
    }
  }

  /** A lost answer to `create` is repeated: the same session, under a fresh token. */
  #reopen(record: SessionRecord, room: ChatRoom): Session {
    for (const session of this.#byTokenHash.values()) {
      if (session.sessionId !== record.sessionId) continue;
      this.#byTokenHash.delete(session.tokenHash);
      session.tokenHash = record.tokenHash;
      this.#byTokenHash.set(record.tokenHash, session);
      return session;
    }
    const session = new Session(record, room, this.#context);
    room.admit(session);
    this.#register(session, record);
    return session;
  }

  #register(session: Session, record: SessionRecord): void {
    this.#byTokenHash.set(session.tokenHash, session);
    session.opened(record.isJoined, record.start.id);
    const { hooks, observer } = this.#options;
    observer.sessionCreated?.({ sessionId: session.sessionId, name: session.name, room: session.chatRoom });
    try {
      Promise.resolve(hooks.onSessionCreated?.(session)).catch((error) => {
        observer.fault?.(error, 'the hook onSessionCreated');
      });
    } catch (error) {
      observer.fault?.(error, 'the hook onSessionCreated');
    }
  }

  #forget(session: Session, ending: Ending): void {
    if (!this.#byTokenHash.delete(session.tokenHash)) return;
    this.#endings.set(session.tokenHash, { ending, at: this.#options.clock.monotonic() });
    if (this.#endings.size <= maxEndings) return;
    for (const oldest of this.#endings.keys()) {
      this.#endings.delete(oldest);
      return;
    }
  }

  async #validateName({ name, user }: CreateRequest): Promise<string> {
    const shown = validateName(name, { maxLength: this.#options.limits.maxNameLength });
    const { hooks, observer } = this.#options;
    let refusal: string | undefined;
    try {
      refusal = await hooks.validateName?.(user, shown);
    } catch (error) {
      observer.fault?.(error, 'the hook validateName');
      throw new ChatError('internal', 'The server could not decide about this name.', { cause: error });
    }
    if (refusal !== undefined) throw new ChatError('invalid-name', refusal);
    return shown;
  }

  #requireRoomFor(count: number): void {
    const { maxSessions } = this.#options.limits;
    if (this.size + this.#opening + count > maxSessions) {
      throw new ChatError('unavailable', `The server is full: MAX_SESSIONS allows ${maxSessions}.`, {
        retryAfterMs: fullRetryMs,
      });
    }
  }

  #touchStore(session: SessionRef): void {
    this.#options.store.touch([{ room: session.room, sessionId: session.sessionId }]).catch((error) => {
      this.#options.observer.fault?.(error, 'marking a token as used');
    });
  }
}

/**
 * The sessions of this process: creates, finds and resumes them, within limits.
 *
 * A session is known to its room and in the table from before the store is asked to open it, so that no ending
 * which the store tells in between is missed; by its token it can be found once it is open.
 */

import { Activity } from './activity.ts';
import type { User } from './authenticator.ts';
import { ask, askStore } from './call-hooks.ts';
import type { Clock } from './clock.ts';
import { Closings } from './closings.ts';
import type { Created, CreateRequest } from './create-request.ts';
import { sessionGone } from './endings.ts';
import { ChatError } from './errors.ts';
import type { WatchedHooks } from './hooks.ts';
import { nameKey, type Skeleton, validateName } from './names.ts';
import type { RoomObserver } from './observer.ts';
import type { Restrictions } from './restrictions.ts';
import type { Rooms } from './rooms.ts';
import type { Session } from './session.ts';
import type { SessionContext } from './session-context.ts';
import { fullRetryMs, type SessionLimits } from './session-limits.ts';
import { type SessionManager, wishOf } from './session-manager.ts';
import { SessionOpener } from './session-opener.ts';
import { SessionTable } from './session-table.ts';
import type { SessionClaim, Store } from './store.ts';
import type { Tokens } from './tokens.ts';

export interface RegistryLimits extends SessionLimits {
  readonly maxSessions: number;
  readonly maxNameLength: number;
}

interface RegistryOptions {
  readonly rooms: Rooms;
  readonly store: Store;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly skeleton: Skeleton;
  readonly restrictions: Restrictions;
  readonly limits: RegistryLimits;
  readonly hooks: WatchedHooks;
  readonly observer: RoomObserver;
  /** Asked about each session that a client opens. */
  readonly manager?: SessionManager | undefined;
}

// If sessions do not expire.
const endingsKeptMs = 60_000;
const owedRetryMs = 2_000;

export class SessionRegistry {
  readonly activity: Activity<Session>;
  readonly #options: RegistryOptions;
  readonly #opener: SessionOpener;
  readonly #closings: Closings<Session>;
  readonly #table: SessionTable;
  // Bounded by the sessions; emptied by `savePositions`.
  readonly #moved = new Set<Session>();

  constructor(options: RegistryOptions) {
    const { clock, limits, hooks, observer } = options;
    this.#options = options;
    this.activity = new Activity(clock);
    this.#closings = new Closings(observer);
    this.#table = new SessionTable(clock, limits.timeoutMs ?? endingsKeptMs);
    const context: SessionContext<Session> = {
      clock,
      limits,
      hooks,
      observer,
      activity: this.activity,
      closings: this.#closings,
      moved: this.#moved,
      isShared: options.store.isShared ?? false,
      forget: (session, ending) => this.#table.forget(session, ending),
    };
    this.#opener = new SessionOpener({ ...options, context, table: this.#table, closings: this.#closings });
    // From before the store is asked for them on, so that nobody slips in while a ban comes.
    options.restrictions.onChange(() => {
      for (const session of this.#table.all()) this.#opener.showOut(session);
    });
  }

  /** How many sessions are open. */
  get size(): number {
    return this.#table.size;
  }

  /** All open sessions of this process. */
  sessions(): Iterable<Session> {
    return this.#table.sessions();
  }

  /** The open session of this id, if this process has it. */
  get(sessionId: string): Session | undefined {
    const session = this.#table.get(sessionId);
    return session?.isOpened && !session.isClosed ? session : undefined;
  }

  /**
   * Opens a session: the whole of SES-10.
   * @throws ChatError `invalid-name`, `name-in-use`, `permission-denied`, `room-not-found`, `session-gone`, `unavailable`,
   *   or `request-timeout` if the caller has hung up
   */
  async create(request: CreateRequest): Promise<Created> {
    const name = await this.#validateName(request);
    const key = nameKey(name, this.#options.skeleton);
    const { restrictions } = this.#options;
    const { held, user, address } = request;
    const goesOn = () =>
      held && !held.isClosed && held.nameKey === key && held.user?.id === user?.id ? held : undefined;
    const entrant = { room: request.room, user, nameKey: key, address };
    restrictions.require(entrant);
    const isAsked = goesOn() === undefined;
    // Before a room is opened for it, and before anything is taken over.
    if (isAsked) await this.#askManager(request, name);
    const room = await this.#options.rooms.open(request.room);
    const kept = goesOn();
    if (kept) {
      await this.#renew(kept, user);
      kept.touch();
      return { session: kept, token: null, cursor: room.log.headCursor };
    }
    if (!isAsked) await this.#askManager(request, name);
    // Again, in one step with what makes the session known: from then on a ban finds it.
    restrictions.require(entrant);
    if (request.isAborted()) throw hungUp();
    this.#requirePlace();
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
    const { session, record } = await this.#opener.open(claim, room, request);
    session.address ??= request.address;
    if (request.isAborted() && request.createKey === null) {
      // Nobody will ever use it; with a key the caller may ask again [SES-10].
      await session.destroy('destroyed');
      throw hungUp();
    }
    if (held && held !== session) await held.destroy('destroyed');
    return { session, token, cursor: record.start };
  }

  async #askManager(request: CreateRequest, name: string): Promise<void> {
    const { manager } = this.#options;
    if (!manager || request.isServerSide) return;
    if (request.isAborted()) throw hungUp();
    this.#requirePlace();
    await manager.admit(wishOf(request, name, this.#table.sessions()));
  }

  /** Its user was vouched for anew, maybe longer, or by something else. */
  async #renew(session: Session, user: User | null): Promise<void> {
    if (!user || JSON.stringify(user) === JSON.stringify(session.user)) return;
    await this.#options.store.renewUser(session, user);
    session.renew(user);
    session.requireOpen();
  }

  /** The session of a token, if this process has it. Marks the token as used. */
  find(room: string, tokenHash: string): Session | undefined {
    const session = this.#table.find(tokenHash);
    if (!session || session.room !== room) return undefined;
    if (session.createKey !== null) {
      session.createKey = null;
      const { sessionId } = session;
      const { store, observer } = this.#options;
      void askStore(() => store.touch([{ room, sessionId }]), 'marking a token as used', observer);
    }
    return session;
  }

  /** The session of a token, also if another process created it [SES-8]. */
  async resume(room: string, tokenHash: string): Promise<Session | undefined> {
    if (!this.#options.rooms.isRoom(room)) return undefined;
    await this.#opener.adopt(room, tokenHash);
    return this.find(room, tokenHash);
  }

  /** A session that has ended here while the store has not committed that yet [SES-1]. */
  closing(room: string, tokenHash: string): Session | undefined {
    const session = this.#closings.find(tokenHash);
    return session?.room === room ? session : undefined;
  }

  /**
   * Ends a session as its client wants it, or sees to what is still owed of its end [SES-1].
   * @throws ChatError `unavailable` as long as that is not committed: a restart would bring the session back
   */
  async leave(session: Session): Promise<void> {
    const hasEnded = !(await session.destroy('destroyed'));
    if (hasEnded) await this.#closings.settle(session.sessionId);
    this.#requireSettled(session, 'Your session');
  }

  /**
   * Ends a session as an operator wants it.
   * @param detail what its client is told about it
   * @throws ChatError `unavailable` as long as that is not committed: it is tried again, but a restart would bring the session back
   */
  async remove(session: Session, detail?: string): Promise<void> {
    await session.destroy('removed', detail);
    this.#requireSettled(session, 'The session');
  }

  #requireSettled(session: Session, which: string): void {
    if (!this.#closings.has(session.sessionId)) return;
    throw new ChatError('unavailable', `${which} has ended, but that cannot be kept yet. Try again.`, {
      retryAfterMs: owedRetryMs,
    });
  }

  /** The refusal of a token without a session, with the reason while it is remembered. */
  gone(tokenHash: string): ChatError {
    return sessionGone(this.#table.ending(tokenHash));
  }

  /** Closes what is in doubt, tries again what the store could not commit, and forgets old endings. */
  async settle(): Promise<void> {
    this.#table.sweep();
    const doubtful = this.#table.doubtful().map((session) => session.destroy('failed'));
    await Promise.all([this.#closings.retry(), ...doubtful]);
  }

  /**
   * Keeps the positions that have moved since the last time. After a crash a client that gives no cursor reads
   * some events again, and misses none [SES-8].
   */
  async savePositions(): Promise<void> {
    if (this.#moved.size === 0) return;
    const moved = [...this.#moved];
    this.#moved.clear();
    try {
      await this.#options.store.savePositions(
        moved.map(({ room, sessionId, position }) => ({ room, sessionId, position })),
      );
    } catch (error) {
      for (const session of moved) if (!session.isClosed) this.#moved.add(session);
      throw error;
    }
  }

  /** The process stops: keeps what is to be kept of the sessions, and releases what is bound to them here. */
  async release(): Promise<void> {
    const { observer } = this.#options;
    await Promise.all([
      askStore(() => this.savePositions(), 'saving positions', observer),
      this.#closings.retry(),
    ]);
    if (this.#closings.size > 0) observer.closingsLost?.(this.#closings.size);
    await Promise.all([...this.#table.sessions()].map((session) => session.release()));
  }

  async #validateName({ name, user, isServerSide }: CreateRequest): Promise<string> {
    const { limits, hooks, observer } = this.#options;
    const shown = validateName(name, { maxLength: limits.maxNameLength });
    if (isServerSide) return shown;
    const objection = await ask(() => hooks.validateName?.(user, shown), 'this name', observer);
    if (objection !== undefined) throw new ChatError('invalid-name', objection);
    return shown;
  }

  #requirePlace(): void {
    const { maxSessions } = this.#options.limits;
    // What is not closed in the store yet takes a place there, and so does what nobody has come back for.
    const taken = this.#table.total + this.#closings.size + this.#options.store.unheld;
    if (taken < maxSessions) return;
    throw new ChatError('unavailable', `The server is full: MAX_SESSIONS allows ${maxSessions}.`, {
      retryAfterMs: fullRetryMs,
      full: 'MAX_SESSIONS',
    });
  }
}

function hungUp(): ChatError {
  return new ChatError('request-timeout', 'The caller has hung up.');
}

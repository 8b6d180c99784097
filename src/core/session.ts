/**
 * One stay in a room, from create to destroy.
 *
 * States: reserved → joining → joined → destroyed [SES-1]. `opened` and `join` go forward, a failed join
 * goes back to reserved, `destroy` and `ended` end it, exactly once: `#ending` is set synchronously and
 * never changed. Disposables run once, in reverse order. The store appends the one `leave`.
 */

import type { Activity } from './activity.ts';
import type { User } from './authenticator.ts';
import type { ChatRoomCallbackAdapter } from './callback-adapter.ts';
import type { ChatRoom, RoomSession } from './chat-room.ts';
import type { Clock } from './clock.ts';
import { type Ending, endingOf, type SessionEndReason } from './endings.ts';
import { ChatError, type RateLimit } from './errors.ts';
import type { Disposable, Hooks, Operation, SessionHandle } from './hooks.ts';
import { validateMessage } from './messages.ts';
import type { RoomObserver } from './observer.ts';
import { rateLimited, TokenBucket } from './rate-limit.ts';
import type { Delivery, SessionClaim, SessionRef } from './store.ts';

export type SessionState = 'reserved' | 'joining' | 'joined' | 'destroyed';

export interface SessionLimits {
  readonly maxMessageBytes: number;
  /** Streams and waiting polls. */
  readonly maxStreams: number;
  readonly send: RateLimit | null;
  readonly updates: RateLimit | null;
  readonly floodStrikes: RateLimit | null;
  /** Null: a session does not expire. */
  readonly timeoutMs: number | null;
}

/** What all sessions of a process share. */
export interface SessionContext {
  readonly clock: Clock;
  readonly limits: SessionLimits;
  readonly hooks: Hooks;
  readonly observer: RoomObserver;
  readonly activity: Activity<Session>;
  /** Called once, at the moment a session is decided to end. */
  forget(session: Session, ending: Ending): void;
  /** Called when the store could not commit an ending: to be tried again. */
  owe(session: SessionRef, reason: SessionEndReason): void;
}

/** The answer to `send`. */
export interface SendAnswer {
  readonly id: number;
  readonly timestamp: number;
  /** Whether the key was known and nothing was appended. */
  readonly isRepeat: boolean;
}

export class Session implements SessionHandle, RoomSession, SessionRef {
  readonly sessionId: string;
  readonly chatRoom: ChatRoom;
  readonly name: string;
  readonly nameKey: string;
  readonly user: User | null;
  readonly delivery: Delivery;
  readonly createdAt: number;
  /** Changes only if the answer to `create` was lost and is asked for again [SES-10]. */
  tokenHash: string;
  /** Whether a lost answer to `create` may still be repeated. */
  isUnused: boolean;
  readonly #context: SessionContext;
  #isJoined = false;
  #joining: Promise<void> | undefined;
  #ending: Ending | undefined;
  #lastInbound: number;
  #lastOutbound: number;
  #requests = 0;
  #position = 0;
  // Oldest first; bounded by `maxStreams`.
  #adapters: ChatRoomCallbackAdapter[] = [];
  #disposables: Disposable[] | undefined;
  #sendBucket: TokenBucket | undefined;
  #updatesBucket: TokenBucket | undefined;
  #strikes: TokenBucket | undefined;

  constructor(claim: SessionClaim, chatRoom: ChatRoom, context: SessionContext) {
    this.sessionId = claim.sessionId;
    this.chatRoom = chatRoom;
    this.name = claim.name;
    this.nameKey = claim.nameKey;
    this.user = claim.user;
    this.delivery = claim.delivery;
    this.createdAt = claim.createdAt;
    this.tokenHash = claim.tokenHash;
    this.isUnused = claim.createKey !== null;
    this.#context = context;
    this.#lastInbound = this.#lastOutbound = context.clock.monotonic();
  }

  get room(): string {
    return this.chatRoom.name;
  }

  get state(): SessionState {
    if (this.#ending) return 'destroyed';
    if (this.#isJoined) return 'joined';
    return this.#joining ? 'joining' : 'reserved';
  }

  get isClosed(): boolean {
    return this.#ending !== undefined;
  }

  get lastInbound(): number {
    return this.#toWall(this.#lastInbound);
  }

  get lastOutbound(): number {
    return this.#toWall(this.#lastOutbound);
  }

  /** Where a client reads on that gives no cursor: an id of the room's log, moved by `getUpdates` only. */
  get position(): number {
    return this.#position;
  }

  set position(id: number) {
    this.#position = id;
  }

  /** Whether something is going on that counts as activity by itself [SES-6]. */
  get isActive(): boolean {
    if (!this.#isJoined) return false;
    return this.#requests > 0 || this.#adapters.some((adapter) => adapter.isActive);
  }

  /** The store has opened the session; `startId` stands before its own `join`. */
  opened(isJoined: boolean, startId: number): void {
    this.#isJoined = isJoined;
    this.#position = startId;
    if (!this.#ending) this.#context.activity.touch(this);
  }

  /**
   * Asks whether the client may do this now, and counts it as activity if so.
   * @throws ChatError `session-gone`, `permission-denied`
   */
  async authorize(operation: Operation, message?: string): Promise<void> {
    this.#requireOpen();
    const { authorize } = this.#context.hooks;
    if (authorize) {
      const input = { room: this.room, name: this.name, ...(message === undefined ? {} : { message }) };
      const isAllowed = await this.#guard(() => authorize(this.user, operation, input), 'authorize');
      if (!isAllowed) throw new ChatError('permission-denied', `You are not allowed to ${operation} here.`);
      this.#requireOpen();
    }
  }

  /** Notes an accepted request. */
  touch(): void {
    this.#lastInbound = this.#context.clock.monotonic();
    this.touchActivity();
  }

  /** Notes activity that is not a request: bytes that drain. */
  touchActivity(): void {
    // A reserved session is reaped whatever it does [SES-3].
    if (this.#isJoined && !this.#ending) this.#context.activity.touch(this);
  }

  /** Notes that the client took bytes. */
  noteOutbound(): void {
    this.#lastOutbound = this.#context.clock.monotonic();
  }

  get updatesLimit(): RateLimit | null {
    return this.#context.limits.updates;
  }

  /** Takes from the limit on reading requests; returns 0, or the milliseconds until there is room. */
  takeUpdate(): number {
    const limit = this.#context.limits.updates;
    if (!limit) return 0;
    const now = this.#context.clock.monotonic();
    this.#updatesBucket ??= new TokenBucket(limit, now);
    return this.#updatesBucket.take(limit, now);
  }

  /** @throws ChatError `rate-limited` */
  requireUpdate(): void {
    const limit = this.#context.limits.updates;
    const waitMs = this.takeUpdate();
    if (limit && waitMs > 0) throw rateLimited(limit, waitMs);
  }

  /**
   * Makes a reserved session a member, once, however many ask [SES-3].
   * @throws ChatError `session-gone`, or what the store throws; the session is then reserved again
   */
  join(): Promise<void> {
    if (this.#ending) return Promise.reject(this.#gone(this.#ending));
    if (this.#isJoined) return Promise.resolve();
    this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
    });
    return this.#joining;
  }

  /**
   * Says something. Resolves after the commit [P-1].
   * @param key tells the client's own sends apart; a repeat gets the first answer
   * @throws ChatError `session-gone`, `not-joined`, `permission-denied`, `rate-limited`, `invalid-message`,
   *   `key-reused`, `unavailable`
   */
  async send(text: string, key: string | null): Promise<SendAnswer> {
    this.#requests += 1;
    try {
      await this.authorize('send', text);
      if (!this.#isJoined) {
        throw new ChatError('not-joined', 'You cannot send messages until you joined the chat.');
      }
      return await this.#send(text, key);
    } finally {
      this.#requests -= 1;
    }
  }

  /** Counts a refused send; too many in a minute end the session as `flooding`. */
  strike(): void {
    const limit = this.#context.limits.floodStrikes;
    if (!limit) return;
    const now = this.#context.clock.monotonic();
    this.#strikes ??= new TokenBucket(limit, now);
    if (this.#strikes.take(limit, now) > 0) void this.destroy('flooding');
  }

  /** Lets the client be reached through `adapter`; over the limit the oldest one ends [SES-4]. */
  plug(adapter: ChatRoomCallbackAdapter): void {
    this.#requireOpen();
    this.#adapters.push(adapter);
    if (this.#adapters.length > this.#context.limits.maxStreams) {
      this.#adapters.shift()?.end(endingOf('superseded'));
    }
  }

  /** Takes an adapter away; a dropped connection does not end the session [SES-5]. */
  unplug(adapter: ChatRoomCallbackAdapter): void {
    const index = this.#adapters.indexOf(adapter);
    if (index < 0) return;
    this.#adapters.splice(index, 1);
    if (adapter.isActive) this.touchActivity();
    const neverExpires = this.#context.limits.timeoutMs === null;
    if (neverExpires && adapter.isStream && !this.#adapters.some((other) => other.isStream)) {
      void this.destroy('expired');
    }
  }

  use(disposable: Disposable): void {
    if (this.#ending) {
      void this.#dispose(disposable);
      return;
    }
    this.#disposables ??= [];
    this.#disposables.push(disposable);
  }

  /**
   * Ends the session, once. Resolves after the store has freed the name, or has failed to, in which case
   * it is tried again later.
   */
  async destroy(reason: SessionEndReason = 'removed'): Promise<boolean> {
    if (this.#ending) return false;
    const wasReserved = !this.#isJoined && !this.#joining;
    this.#end(reason);
    try {
      if (wasReserved) await this.chatRoom.unreserve(this.sessionId, reason);
      else await this.chatRoom.leave(this.sessionId, reason);
    } catch (error) {
      this.#context.observer.fault?.(error, 'closing a session in the store');
      this.#context.owe({ room: this.room, sessionId: this.sessionId }, reason);
    }
    return true;
  }

  ended(reason: SessionEndReason): void {
    if (!this.#ending) this.#end(reason);
  }

  async #join(): Promise<void> {
    const isThere = await this.chatRoom.join(this.sessionId);
    // Destroyed meanwhile: the store closes it after the join, with its leave [SES-1].
    if (this.#ending) throw this.#gone(this.#ending);
    if (!isThere) {
      this.#end('expired');
      throw this.#gone(endingOf('expired'));
    }
    this.#isJoined = true;
    this.touch();
  }

  async #send(text: string, key: string | null): Promise<SendAnswer> {
    const { limits, clock, hooks } = this.#context;
    const now = clock.monotonic();
    let waitMs = 0;
    if (limits.send) {
      this.#sendBucket ??= new TokenBucket(limits.send, now);
      waitMs = this.#sendBucket.take(limits.send, now);
      // A repeat costs no limit, so a key is looked up even when the limit is exceeded.
      if (waitMs > 0 && key === null) throw this.#refuse(rateLimited(limits.send, waitMs));
    }
    const message = this.#validate(text);
    const { validateMessage: validate } = hooks;
    if (validate) {
      const refusal = await this.#guard(() => validate(this.user, this.room, message), 'validateMessage');
      if (refusal !== undefined) throw this.#refuse(new ChatError('invalid-message', refusal));
      this.#requireOpen();
    }
    const draft = { sessionId: this.sessionId, message, key, isRepeatOnly: waitMs > 0 };
    const answer = await this.chatRoom.send(draft);
    switch (answer.outcome) {
      case 'appended':
        this.touch();
        return { id: answer.id, timestamp: answer.timestamp, isRepeat: false };
      case 'repeated':
        if (limits.send && waitMs === 0) this.#sendBucket?.giveBack(limits.send);
        this.touch();
        return { id: answer.id, timestamp: answer.timestamp, isRepeat: true };
      case 'unknown-key':
        throw this.#refuse(
          limits.send ? rateLimited(limits.send, waitMs) : new ChatError('internal', 'A key was lost.'),
        );
      case 'key-reused':
        throw this.#refuse(
          new ChatError(
            'key-reused',
            'This key came with another text before. Give every message its own key.',
          ),
        );
      case 'not-joined':
        throw new ChatError('not-joined', 'You cannot send messages until you joined the chat.');
      case 'session-gone':
        if (!this.#ending) this.#end('expired');
        throw this.#gone(this.#ending ?? endingOf('expired'));
    }
  }

  #validate(text: string): string {
    try {
      return validateMessage(text, { maxBytes: this.#context.limits.maxMessageBytes });
    } catch (error) {
      throw error instanceof ChatError ? this.#refuse(error) : error;
    }
  }

  /** A refused send is a strike. */
  #refuse(error: ChatError): ChatError {
    this.strike();
    return error;
  }

  #end(reason: SessionEndReason): void {
    const ending = endingOf(reason);
    this.#ending = ending;
    this.#context.activity.delete(this);
    this.chatRoom.dismiss(this);
    this.#context.forget(this, ending);
    const adapters = this.#adapters;
    this.#adapters = [];
    for (const adapter of adapters) {
      try {
        adapter.end(ending);
      } catch (error) {
        this.#context.observer.fault?.(error, 'ending an adapter');
      }
    }
    void this.#disposeAll();
    this.#context.observer.sessionEnded?.(this.#observed(), reason);
    void this.#notify(
      () => this.#context.hooks.onSessionDestroyed?.(this.user, this.sessionId, reason),
      'onSessionDestroyed',
    );
  }

  async #disposeAll(): Promise<void> {
    const disposables = this.#disposables ?? [];
    this.#disposables = undefined;
    for (const disposable of disposables.reverse()) await this.#dispose(disposable);
  }

  #dispose(disposable: Disposable): Promise<void> {
    return this.#notify(disposable, 'a disposable of a session');
  }

  /** Calls something whose failure is logged only [SES-12]. */
  async #notify(call: () => void | Promise<void>, what: string): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#context.observer.fault?.(error, what);
    }
  }

  /** Calls a hook whose failure refuses the request [SES-12]. */
  async #guard<R>(call: () => R | Promise<R>, what: string): Promise<R> {
    try {
      return await call();
    } catch (error) {
      this.#context.observer.fault?.(error, `the hook ${what}`);
      throw new ChatError('internal', 'The server could not decide about this request.', { cause: error });
    }
  }

  #requireOpen(): void {
    if (this.#ending) throw this.#gone(this.#ending);
  }

  #gone(ending: Ending): ChatError {
    return sessionGone(ending);
  }

  #observed() {
    return { sessionId: this.sessionId, name: this.name, room: this.chatRoom };
  }

  #toWall(monotonic: number): number {
    return Math.round(this.#context.clock.wall() - (this.#context.clock.monotonic() - monotonic));
  }
}

/** The refusal of a session that is over, with why and what to do, if that is still known. */
export function sessionGone(ending: Ending | undefined): ChatError {
  if (!ending) return new ChatError('session-gone', 'There is no such session: it has ended, or never was.');
  return new ChatError('session-gone', `Your session has ended: ${ending.reason}.`, {
    reason: ending.reason,
    action: ending.action,
  });
}

/**
 * One stay in a room, from create to destroy.
 *
 * States: reserved → joining → joined → destroyed [SES-1]. `opened` and `join` go forward, a failed join
 * goes back to reserved, `destroy` and `ended` end it, exactly once: `#ending` is set synchronously and
 * never changed. Disposables run once, in reverse order. The store appends the one `leave`.
 */

import type { User } from './authenticator.ts';
import { tell } from './call-hooks.ts';
import type { ChatRoomCallbackAdapter, Lag, Sent } from './callback-adapter.ts';
import type { ChatRoom, RoomSession } from './chat-room.ts';
import { Contact } from './contact.ts';
import type { Cursor } from './cursor.ts';
import { Disposables } from './disposables.ts';
import { type Ending, endingOf, type SessionEndReason, sessionGone } from './endings.ts';
import type { ChatError } from './errors.ts';
import type { Arrival, Disposable, Operation, SessionHandle } from './hooks.ts';
import { encodeNotice, Notices } from './notices.ts';
import type { EndedSession, ObservedSession } from './observer.ts';
import { requirePermission } from './permission.ts';
import { PluggedAdapters } from './plugged-adapters.ts';
import { notJoined, type SendAnswer, type Sender, sendMessage } from './sending.ts';
import type { SessionContext } from './session-context.ts';
import { isStrike, SessionUsage } from './session-limits.ts';
import type { Delivery, SessionClaim, SessionRecord, SessionRef } from './store.ts';

type SessionState = 'reserved' | 'joining' | 'joined' | 'destroyed';

// Nearly always: an empty poll allocates nothing for it.
const noNotices: readonly string[] = Object.freeze([]);

export class Session implements SessionHandle, RoomSession, SessionRef, Sender {
  readonly sessionId: string;
  readonly chatRoom: ChatRoom;
  readonly name: string;
  readonly nameKey: string;
  readonly delivery: Delivery;
  readonly createdAt: number;
  readonly usage: SessionUsage;
  /** Changes only if the answer to `create` was lost and is asked for again [SES-10]. */
  tokenHash: string;
  /** Where its client was first seen; undefined for a member in this process. For operators. */
  address: string | undefined;
  /** What a lost answer to `create` may be asked for with; null once the token was used [SES-10]. */
  createKey: string | null;
  #user: User | null;
  readonly #context: SessionContext<Session>;
  readonly #contact: Contact;
  // Most sessions never need the one or the other.
  #adapters: PluggedAdapters | undefined;
  #disposables: Disposables | undefined;
  #notices: Notices | undefined;
  #position: Cursor = { epoch: '', id: 0 };
  #isOpened = false;
  #isJoined = false;
  #joining: Promise<void> | undefined;
  #ending: Ending | undefined;
  #sends = 0;

  constructor(claim: SessionClaim, chatRoom: ChatRoom, context: SessionContext<Session>) {
    this.sessionId = claim.sessionId;
    this.chatRoom = chatRoom;
    this.name = claim.name;
    this.nameKey = claim.nameKey;
    this.#user = claim.user;
    this.delivery = claim.delivery;
    this.createdAt = claim.createdAt;
    this.usage = new SessionUsage(context.limits, context.clock);
    this.tokenHash = claim.tokenHash;
    this.createKey = claim.createKey;
    this.#context = context;
    this.#contact = new Contact(context.clock);
  }

  get room(): string {
    return this.chatRoom.name;
  }

  get user(): User | null {
    return this.#user;
  }

  get state(): SessionState {
    if (this.#ending) return 'destroyed';
    if (this.isJoined) return 'joined';
    return this.#joining ? 'joining' : 'reserved';
  }

  /** Where a client reads on that gives no cursor. */
  get position(): Cursor {
    return this.#position;
  }

  get isClosed(): boolean {
    return this.#ending !== undefined;
  }

  /** Here, or on another instance: nobody else can be in the room by its name. */
  get isJoined(): boolean {
    if (!this.#isJoined && this.#isOpened && this.#context.isShared) {
      this.#isJoined = this.chatRoom.log.roster.has(this.name);
    }
    return this.#isJoined;
  }

  /** Whether `opened` was called: only then anybody has heard of the session. */
  get isOpened(): boolean {
    return this.#isOpened;
  }

  get lastInbound(): number {
    return this.#contact.lastInbound;
  }

  get lastOutbound(): number {
    // What streams write is noted by them: a pass over thousands touches no session.
    return this.#contact.lastOutbound(this.#adapters?.reachedAt ?? 0);
  }

  /** How many streams the client has here, and how far they are behind. */
  get reach(): { readonly streams: number; readonly lag: Lag } {
    return this.#adapters?.reach ?? { streams: 0, lag: { bytes: 0, events: 0 } };
  }

  /** Whether something is going on that counts as activity by itself [SES-6]. */
  get isActive(): boolean {
    if (!this.#isJoined) return false;
    return this.#sends > 0 || this.#adapters?.isActive === true;
  }

  /** The store has, or had already, opened the session as `record`. */
  opened(record: SessionRecord, arrival: Arrival = { resumed: false }): void {
    this.#isOpened = true;
    this.#isJoined = record.isJoined;
    this.#position = record.position;
    const { activity, hooks, observer } = this.#context;
    activity.touch(this);
    if (arrival.resumed) observer.sessionResumed?.(this.#observed());
    else observer.sessionCreated?.(this.#observed());
    void tell(() => hooks.onSessionCreated?.(this, arrival), 'telling a hook of a new session', observer);
  }

  /** The same user was vouched for anew. */
  renew(user: User): void {
    this.#user = user;
    if (this.#isOpened && !this.#ending) this.#context.hooks.onUserRenewed?.(this);
  }

  /** @throws ChatError `session-gone` */
  requireOpen(): void {
    if (this.#ending) throw sessionGone(this.#ending);
  }

  /**
   * Asks whether the client may do this now.
   * @throws ChatError `session-gone`, `permission-denied`
   */
  authorize(operation: Operation, message?: string): Promise<void> | undefined {
    this.requireOpen();
    const { hooks, observer } = this.#context;
    return hooks.authorize && requirePermission(hooks, this, operation, message, observer);
  }

  /** Notes an accepted request. */
  touch(): void {
    this.#contact.noteInbound();
    this.touchActivity();
  }

  /** Notes activity that is not a request: bytes that drain. */
  touchActivity(): void {
    // A reserved session is reaped whatever it does [SES-3].
    if (this.isJoined && !this.#ending) this.#context.activity.touch(this);
  }

  /** Notes that the client took bytes. */
  noteOutbound(): void {
    this.#contact.noteOutbound();
  }

  /** Notes what an answer has of the room, that is no stream's. */
  noteSent(sent: Sent): void {
    this.#contact.noteSent(sent);
  }

  /** Moves the position; it is kept in the store by and by [SES-8]. */
  moveTo(position: Cursor): void {
    if (position.id === this.#position.id && position.epoch === this.#position.epoch) return;
    this.#position = position;
    this.#context.moved.add(this);
  }

  /** @throws ChatError `rate-limited` */
  requireUpdate(): void {
    const refusal = this.usage.takeUpdate();
    if (refusal) throw refusal;
  }

  /**
   * Makes a reserved session a member, once, however many ask [SES-3].
   * @throws ChatError `session-gone`, or what the store throws; the session is then reserved again
   */
  async join(): Promise<void> {
    this.requireOpen();
    if (this.#isJoined) return;
    this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
    });
    await this.#joining;
  }

  /**
   * Says something. Resolves after the commit [P-1].
   * @param key tells the client's own sends apart; a repeat gets the first answer
   * @throws ChatError `session-gone`, `not-joined`, `permission-denied`, `rate-limited`, `invalid-message`,
   *   `key-reused`, `unavailable`
   */
  async send(text: string, key: string | null): Promise<SendAnswer> {
    const { limits, hooks, observer } = this.#context;
    this.#sends += 1;
    try {
      await this.authorize('send', text);
      // With other instances only the store knows for certain.
      if (!this.isJoined && !this.#context.isShared) throw notJoined();
      const rules = { maxMessageBytes: limits.maxMessageBytes, hooks, observer };
      const answer = await sendMessage(this, text, key, rules);
      if (!answer) throw this.#lost();
      this.#isJoined = true;
      this.touch();
      return answer;
    } catch (error) {
      if (isStrike(error)) this.strike();
      throw error;
    } finally {
      this.#sends -= 1;
    }
  }

  /** Counts a refused send; too many in a minute end the session as `flooding`. */
  strike(): void {
    if (this.usage.strike()) void this.destroy('flooding');
  }

  /** Lets the client be reached through `adapter`; over the limit the oldest one ends [SES-4]. */
  plug(adapter: ChatRoomCallbackAdapter): void {
    this.requireOpen();
    const { limits, observer } = this.#context;
    this.#adapters ??= new PluggedAdapters(limits.maxStreams, observer);
    this.#adapters.plug(adapter);
  }

  /**
   * Takes an adapter away; a dropped connection does not end the session [SES-5], unless it never expires:
   * then it ends with its last stream [SES-7].
   * @param endsAs what that is called; null if the server let go of the stream and wants the client back
   */
  unplug(adapter: ChatRoomCallbackAdapter, endsAs: SessionEndReason | null = 'expired'): void {
    if (!this.#adapters?.unplug(adapter)) return;
    if (adapter.reachedAt !== undefined) this.#contact.noteOutbound(adapter.reachedAt);
    if (adapter.sent) this.#contact.noteSent(adapter.sent);
    if (adapter.isActive) this.touchActivity();
    const neverExpires = this.#context.limits.timeoutMs === null;
    if (endsAs && neverExpires && adapter.isStream && !this.#adapters.hasStream) void this.destroy(endsAs);
  }

  notify(data: unknown): boolean {
    const notice = encodeNotice(data);
    if (this.#ending) return false;
    if (this.#adapters?.notify(notice)) return true;
    this.#notices ??= new Notices();
    this.#notices.add(notice);
    return true;
  }

  /** Whether notices wait for the client. */
  get hasNotices(): boolean {
    return this.#notices?.isEmpty === false;
  }

  /** What the client has not been told yet, as JSON; whoever takes it tells it. */
  takeNotices(): readonly string[] {
    return this.#notices?.take() ?? noNotices;
  }

  use(disposable: Disposable): void {
    this.#bound.use(disposable);
  }

  /**
   * Ends the session, once. Resolves after the store has freed the name, or has failed to, in which case
   * it is tried again later.
   */
  async destroy(reason: SessionEndReason = 'removed', detail?: string): Promise<boolean> {
    if (this.#ending) return false;
    const { chatRoom, sessionId, state } = this;
    this.#end(reason, detail);
    await this.#context.closings.close(this, () =>
      state === 'reserved'
        ? chatRoom.unreserve(sessionId, reason, detail)
        : chatRoom.leave(sessionId, reason, detail),
    );
    return true;
  }

  /** The process stops: releases what is bound to the session here, which itself goes on [SES-8]. */
  release(): Promise<void> {
    return this.#bound.dispose();
  }

  ended(reason: SessionEndReason, detail?: string): void {
    if (!this.#ending) this.#end(reason, detail);
  }

  async #join(): Promise<void> {
    const isThere = await this.chatRoom.join(this.sessionId);
    // Destroyed meanwhile: the store closes it after the join, with its leave [SES-1].
    this.requireOpen();
    if (!isThere) throw this.#lost();
    this.#isJoined = true;
    this.touch();
  }

  /** The store does not know the session any more, and nobody has said why. */
  #lost(): ChatError {
    this.ended('expired');
    return sessionGone(this.#ending);
  }

  #end(reason: SessionEndReason, detail?: string): void {
    const { activity, hooks, observer } = this.#context;
    const ending = endingOf(reason, detail);
    this.#ending = ending;
    activity.delete(this);
    this.#context.moved.delete(this);
    this.chatRoom.dismiss(this);
    this.#context.forget(this, ending);
    const { lastOutbound } = this;
    for (const sent of this.#adapters?.endAll(ending) ?? []) this.#contact.noteSent(sent);
    this.#notices = undefined;
    void this.#bound.dispose();
    if (!this.#isOpened) return;
    observer.sessionEnded?.(this.#observedAtEnd(lastOutbound), reason);
    void tell(
      () => hooks.onSessionDestroyed?.(this.user, this.sessionId, reason, detail),
      'telling a hook of the end of a session',
      observer,
    );
  }

  get #bound(): Disposables {
    this.#disposables ??= new Disposables(this.#context.observer);
    return this.#disposables;
  }

  #observed(): ObservedSession {
    return { sessionId: this.sessionId, name: this.name, room: this.chatRoom };
  }

  /** @param lastOutbound as it was before its streams were let go of */
  #observedAtEnd(lastOutbound: number): EndedSession {
    const { delivery, createdAt, lastInbound } = this;
    const { clock } = this.#context;
    const times = { createdAt, lastInbound, lastOutbound, endedAt: clock.wall() };
    return { ...this.#observed(), delivery, ...times, sent: this.#contact.sent };
  }
}

/**
 * A room: one event log, the members' verbs, and everybody who listens.
 *
 * The log and the roster change in `deliver` only, by a committed batch [SES-2]; whoever listens holds a
 * position and reads from the log [LOG-3]. The verbs are the store's whole operations.
 */

import { tell } from './call-hooks.ts';
import type { RoomListener } from './callback-adapter.ts';
import type { Position } from './cursor.ts';
import type { SessionEndReason } from './endings.ts';
import { EventLog, type HistoryLimits, type LogSnapshot } from './event-log.ts';
import type { EncodedEvent } from './events.ts';
import type { HistoryBudget } from './history-budget.ts';
import type { RoomObserver } from './observer.ts';
import { SendGate } from './send-gate.ts';
import type {
  AppendAnswer,
  LogPlace,
  MessageDraft,
  OpenAnswer,
  RedactAnswer,
  SessionClaim,
  Store,
  StoreListener,
} from './store.ts';

/** What a room needs to know of a session that lives in this process. */
export interface RoomSession {
  readonly sessionId: string;
  /** The store says that the session ended: nothing is left to close. */
  ended(reason: SessionEndReason, detail?: string): void;
}

export interface ChatRoomOptions {
  readonly name: string;
  readonly store: Store;
  readonly history: HistoryLimits;
  readonly budget: HistoryBudget;
  readonly maxMembers: number;
  readonly observer: RoomObserver;
}

export class ChatRoom implements StoreListener {
  readonly name: string;
  readonly #options: ChatRoomOptions;
  readonly #listeners = new Set<RoomListener>();
  readonly #sessions = new Map<string, RoomSession>();
  readonly #gate: SendGate;
  #log: EventLog;
  #unsubscribe: () => void = () => {};

  private constructor(options: ChatRoomOptions) {
    this.name = options.name;
    this.#options = options;
    this.#gate = new SendGate((drafts) => options.store.append(options.name, drafts));
    this.#log = new EventLog({ epoch: '', baseId: 0, users: [], events: [] }, options.history);
  }

  /** Reads the room from the store and subscribes to it. */
  static async load(options: ChatRoomOptions): Promise<ChatRoom> {
    const room = new ChatRoom(options);
    // A batch may come between the answer and this function going on: it waits until the log is there.
    const early: (readonly EncodedEvent[])[] = [];
    let listener: StoreListener = {
      deliver: (batch) => early.push(batch),
      ended: (...ending) => room.ended(...ending),
      replaced: (log) => {
        replacement = log;
        early.length = 0;
      },
    };
    let replacement: LogSnapshot | undefined;
    const loaded = await options.store.load(options.name, {
      deliver: (batch) => listener.deliver(batch),
      ended: (...ending) => listener.ended(...ending),
      replaced: (log) => listener.replaced?.(log),
    });
    room.#replaceLog(replacement ?? loaded.log);
    room.#unsubscribe = loaded.unsubscribe;
    listener = room;
    for (const batch of early) room.deliver(batch);
    return room;
  }

  /** What was said and who is there. For reading. */
  get log(): EventLog {
    return this.#log;
  }

  /** Whether nobody here has anything to do with the room. */
  get isIdle(): boolean {
    return this.#listeners.size === 0 && this.#sessions.size === 0;
  }

  /** Lets the room tell `session` when it ends elsewhere. */
  admit(session: RoomSession): void {
    this.#sessions.set(session.sessionId, session);
  }

  dismiss(session: RoomSession): void {
    if (this.#sessions.get(session.sessionId) === session) this.#sessions.delete(session.sessionId);
  }

  /** Claims a name for a session that will join later. */
  reserve(claim: SessionClaim): Promise<OpenAnswer> {
    return this.#options.store.openSession(claim, false, this.#options.maxMembers);
  }

  /** Claims a name and joins in one step. */
  reserveAndJoin(claim: SessionClaim): Promise<OpenAnswer> {
    return this.#options.store.openSession(claim, true, this.#options.maxMembers);
  }

  /** Makes a reserved session a member. False if the session is gone. */
  join(sessionId: string): Promise<boolean> {
    return this.#options.store.joinSession({ room: this.name, sessionId });
  }

  /** Frees the name of a session that never joined. */
  unreserve(sessionId: string, reason: SessionEndReason, detail?: string): Promise<void> {
    return this.leave(sessionId, reason, detail);
  }

  /** Ends a membership. The store knows whether the session had joined, also while a join is under way. */
  leave(sessionId: string, reason: SessionEndReason, detail?: string): Promise<void> {
    return this.#options.store.closeSession({ room: this.name, sessionId }, reason, detail);
  }

  /** Appends one message; resolves after the commit [P-1]. */
  send(draft: MessageDraft): Promise<AppendAnswer> {
    return this.#gate.send(draft);
  }

  /** Appends an announcement; resolves after the commit [P-1]. */
  announce(message: string): Promise<LogPlace> {
    return this.#options.store.announce(this.name, message);
  }

  /** Takes the text out of an event; resolves once it is gone from the log [LOG-4]. */
  redact(target: number): Promise<RedactAnswer> {
    return this.#options.store.redact(this.name, target);
  }

  /**
   * Lets messages wait, or go on: for a listener that cannot keep up with them. Whoever lets them wait lets them go on
   * within a fraction of a second, whatever happens [FAN-7].
   */
  letSendsWait(isWaiting: boolean): void {
    if (isWaiting) this.#gate.close();
    else this.#gate.open();
  }

  /**
   * Lets the log come to where a position may be, if that is not in it: another process that shares the store may have given
   * it, and be ahead of this one. A position that is not in the log after that is a gap [LOG-2].
   * @returns undefined if there is nothing to wait for
   * @throws ChatError `unavailable` if it cannot be known
   */
  reach(position: Position | undefined): Promise<void> | undefined {
    if (position === undefined || this.#log.knows(position)) return undefined;
    return this.#options.store.catchUp?.(this.name);
  }

  /** Calls `listener` for every batch from now on. */
  listen(listener: RoomListener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: RoomListener): void {
    this.#listeners.delete(listener);
  }

  /** Takes a committed batch into the log, then tells whoever listens. Called by the store only. */
  deliver(committed: readonly EncodedEvent[]): void {
    const { redactionId } = this.#log;
    this.#log.append(committed);
    this.#options.budget.note(this.#log);
    // What is said and taken back in one batch, nobody is told [LOG-4].
    const isRedacted = this.#log.redactionId !== redactionId;
    const batch = isRedacted ? committed.map((one) => this.#log.at(one.event.id) ?? one) : committed;
    this.#options.observer.committed?.(this.name, batch);
    for (const listener of this.#listeners) this.#tell(listener, () => listener.deliver(batch));
  }

  /** The log begins anew: whoever listens finds his position out of reach. Called by the store only. */
  replaced(log: LogSnapshot): void {
    const { epoch } = this.#log;
    this.#replaceLog(log);
    this.#options.observer.logReplaced?.(this.name, log.epoch !== epoch);
    for (const listener of this.#listeners) this.#tell(listener, () => listener.replaced?.());
  }

  /** A session ended, here or on another instance. Called by the store only. */
  ended(sessionId: string, reason: SessionEndReason, detail?: string): void {
    this.#sessions.get(sessionId)?.ended(reason, detail);
  }

  /** Drops what is older than is kept. */
  trim(wallNow: number): void {
    this.#log.trim(wallNow);
    this.#options.budget.note(this.#log);
  }

  /** Lets go of the log and the subscription. */
  unload(): void {
    this.#unsubscribe();
    this.#options.budget.delete(this.#log);
  }

  #tell(listener: RoomListener, call: () => void): void {
    try {
      call();
    } catch (error) {
      // The others get their batch all the same [SES-12].
      const { observer } = this.#options;
      this.#listeners.delete(listener);
      observer.fault?.(error, `delivering to a listener of room ${this.name}`);
      void tell(() => listener.fail(error), `failing a listener of room ${this.name}`, observer);
    }
  }

  #replaceLog(snapshot: LogSnapshot): void {
    this.#options.budget.delete(this.#log);
    this.#log = new EventLog(snapshot, this.#options.history);
    this.#options.budget.add(this.#log);
  }
}

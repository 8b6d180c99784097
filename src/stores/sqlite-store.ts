/**
 * The store that keeps everything in one file, written by one thread of this process.
 *
 * 1. What is asked for waits in `#queue`; at most one transaction of it is under way. `#run` starts the next one, in the turn
 *    after `#schedule`, and `#take` hears what became of it.
 * 2. The answer of a transaction delivers its batches to the listeners first (`Subscriptions`), then answers the callers, in the
 *    order of the calls [P-1].
 * 3. Status (`#status`): `starting` until the thread has opened the file; `away` after a commit that failed or is overdue,
 *    until one succeeds, for which the store itself tries every `probeMs`.
 * 4. Once `#failure` is set nothing more is asked of the thread but to end, and the store stays away: the file was refused
 *    or is damaged, or the thread has ended by itself (`lost`).
 */

import { resolve } from 'node:path';
import type { User } from '../core/authenticator.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { SessionEndReason } from '../core/endings.ts';
import type { Restriction, RestrictionDraft, RestrictionListener } from '../core/restriction.ts';
import type {
  AppendAnswer,
  Delivery,
  LoadedRoom,
  LogPlace,
  MessageDraft,
  OpenAnswer,
  RedactAnswer,
  SessionClaim,
  SessionPosition,
  SessionRecord,
  SessionRef,
  Store,
  StoreListener,
  StoreStatus,
} from '../core/store.ts';
import { Deferred } from './deferred.ts';
import { RestrictionListeners } from './restriction-listeners.ts';
import { foundDamaged, withLostEnd } from './sqlite/explained.ts';
import { readBlocks } from './sqlite/log-blocks.ts';
import { OperationQueue, type Unheard, unavailable } from './sqlite/operation-queue.ts';
import type { FromThread, OperationName, Operations, ThreadOptions } from './sqlite/protocol.ts';
import { StoreThread } from './sqlite/store-thread.ts';
import { type Subscription, Subscriptions } from './sqlite/subscriptions.ts';
import { Survivors } from './sqlite/survivors.ts';
import { Trimming } from './sqlite/trimming.ts';
import { Status } from './status.ts';
import { StoreRefusal } from './store-refusal.ts';

export interface SqliteStoreOptions extends ThreadOptions {
  readonly clock: Clock;
  /** Told what failed without anybody waiting for it. */
  readonly onFault: (error: unknown, doing: string) => void;
  /** Told how long a transaction took, from being asked for to being heard of. */
  readonly onCommit?: (ms: number) => void;
}

const watchMs = 500;
const probeMs = 1_000;
const isClosed = 'The store is closed.';

export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions;
  readonly #thread: StoreThread;
  readonly #subscriptions: Subscriptions;
  readonly #restrictions = new RestrictionListeners();
  readonly #survivors: Survivors;
  readonly #queue: OperationQueue;
  #isScheduled = false;
  readonly #status = new Status();
  #closing: Promise<void> | undefined;
  readonly #watch: Timer;
  #probedAt = 0;
  #startedAt = 0;
  readonly #trimming: Trimming;
  readonly #opened = new Deferred<void>();
  readonly #lost = new Deferred<Error>();
  /** What callers are told from now on. */
  #failure: string | undefined;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.onFault);
    this.#survivors = new Survivors(options.clock);
    this.#queue = new OperationQueue(options.clock);
    this.#trimming = new Trimming(async () => (await this.#ask('trim', {})) && this.status === 'ready');
    const { synchronous, history, maxTotalBytes } = options;
    // Absolute, so that no name is taken for one of SQLite's own (`file:…`).
    const path = resolve(options.path);
    this.#thread = new StoreThread(
      { path, synchronous, history, maxTotalBytes },
      (message) => this.#take(message),
      (error) => this.#lose(error),
    );
    this.#watch = options.clock.every(watchMs, () => this.#look());
  }

  /**
   * Resolves once the file is open, and what was asked for before is answered.
   * @throws StoreRefusal in one line, if it cannot be used
   */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Resolves, with why, once the thread has ended by itself: only another process can go on. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  /** Whether its thread hangs, for example on a disk that does not answer. Waits for that, for a moment. */
  isStuck(): boolean {
    return this.#thread.isStuck();
  }

  get status(): StoreStatus {
    return this.#status.value;
  }

  get unheld(): number {
    return this.#survivors.size;
  }

  onStatus(listener: (status: StoreStatus) => void): () => void {
    return this.#status.onChange(listener);
  }

  async load(room: string, listener: StoreListener): Promise<LoadedRoom> {
    let subscription: Subscription | undefined;
    const answer = await this.#ask('load', { room }, () => {
      subscription = this.#subscriptions.add(room, listener);
    });
    const { epoch, baseId, users, blocks } = answer;
    const log = { epoch, baseId, users, events: await readBlocks(blocks) };
    subscription?.release();
    return {
      log,
      unsubscribe: () => {
        if (subscription?.cancel()) this.#ask('unload', { room }).catch(() => {});
      },
    };
  }

  openSession(claim: SessionClaim, join: boolean, maxMembers: number): Promise<OpenAnswer> {
    return this.#ask('open', { claim, join, maxMembers });
  }

  joinSession({ room, sessionId }: SessionRef): Promise<boolean> {
    return this.#ask('join', { room, sessionId });
  }

  closeSession({ room, sessionId }: SessionRef, reason: SessionEndReason, detail?: string): Promise<void> {
    return this.#ask('close', { room, sessionId, reason, detail });
  }

  append(room: string, drafts: readonly MessageDraft[]): Promise<readonly AppendAnswer[]> {
    return this.#ask('append', { room, drafts });
  }

  announce(room: string, message: string): Promise<LogPlace> {
    return this.#ask('announce', { room, message });
  }

  redact(room: string, target: number): Promise<RedactAnswer> {
    return this.#ask('redact', { room, target });
  }

  async findSession(room: string, tokenHash: string): Promise<SessionRecord | null> {
    const record = await this.#ask('find', { room, tokenHash });
    if (record) this.#survivors.delete(record.sessionId);
    return record;
  }

  touch(sessions: readonly SessionRef[]): Promise<void> {
    return this.#ask('touch', { sessions: sessions.map(refOf) });
  }

  renewUser({ room, sessionId }: SessionRef, user: User): Promise<void> {
    return this.#ask('renew', { room, sessionId, user });
  }

  savePositions(positions: readonly SessionPosition[]): Promise<void> {
    const plain = positions.map(({ room, sessionId, position }) => ({ room, sessionId, position }));
    return this.#ask('save', { positions: plain });
  }

  async expired(
    candidates: readonly SessionRef[],
    idleMs: number,
    unheld?: Delivery,
  ): Promise<readonly SessionRef[]> {
    const due = this.#survivors.due(idleMs, unheld);
    if (candidates.length + due.length === 0) return [];
    const expired = await this.#ask('expired', { candidates: [...candidates.map(refOf), ...due], idleMs });
    this.#survivors.given(due);
    return expired;
  }

  async watchRestrictions(listener: RestrictionListener): Promise<() => void> {
    let unwatch = (): void => {};
    await this.#ask('restrictions', {}, (all) => {
      unwatch = this.#restrictions.add(listener, all);
    });
    return unwatch;
  }

  putRestriction(
    { id, kind, value, room, reason }: RestrictionDraft,
    forMs: number | null,
  ): Promise<Restriction | null> {
    return this.#ask('restrict', { draft: { id, kind, value, room, reason }, forMs });
  }

  removeRestriction(id: string): Promise<boolean> {
    return this.#ask('lift', { id });
  }

  trim(): void {
    if (this.#status.value === 'ready') void this.#trimming.run();
  }

  close(): Promise<void> {
    this.#closing ??= this.#thread.ended;
    this.#status.silence();
    this.#schedule();
    return this.#closing;
  }

  /** @param onAnswer called with the answer, before any later batch is delivered */
  #ask<N extends OperationName>(
    name: N,
    input: Operations[N]['ask'],
    onAnswer?: (answer: Operations[N]['answer']) => void,
  ): Promise<Operations[N]['answer']> {
    const refusal = this.#failure ?? (this.#closing && isClosed);
    if (refusal !== undefined) return Promise.reject(unavailable(refusal));
    const answer = this.#queue.add(name, input, onAnswer);
    this.#schedule();
    return answer;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queue.isRunning || this.#status.value === 'starting') return;
    if (this.#queue.isEmpty && !this.#closing) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  #run(): void {
    if (this.#queue.isRunning) return;
    if (!this.#queue.isEmpty) {
      this.#startedAt = this.#options.clock.monotonic();
      this.#thread.post({ type: 'run', operations: this.#queue.start(this.#status.value === 'away') });
    } else if (this.#closing) {
      this.#thread.post({ type: 'close' });
    }
  }

  #take(message: FromThread): void {
    switch (message.type) {
      case 'opened':
        this.#survivors.add(message.survivors);
        if (message.isLost) this.#fault(withLostEnd(this.#options.path), 'opening the store');
        this.#status.set(message.isWritable ? 'ready' : 'away');
        // What was asked for before it was open is answered first: the bans, for one.
        if (this.#queue.isEmpty) this.#opened.resolve();
        break;
      case 'refused':
        this.#fail(new StoreRefusal(message.message), 'The database cannot be used.');
        break;
      case 'ran':
        if (message.isWritten) {
          this.#status.set('ready');
          this.#options.onCommit?.(this.#options.clock.monotonic() - this.#startedAt);
        }
        for (const { sessionId } of message.changes.flatMap(({ endings }) => endings)) {
          this.#survivors.delete(sessionId);
        }
        this.#subscriptions.publish(message.changes);
        this.#restrictions.tell(message.restrictions);
        this.#tellUnheard(this.#queue.answer(message.answers, message.bugs));
        this.#opened.resolve();
        break;
      case 'failed':
        if (message.isDamaged) {
          const damage = foundDamaged(this.#options.path, message.message);
          this.#fail(new Error(damage), 'The database is damaged.');
          break;
        }
        if (this.#status.value !== 'away') this.#fault(message.message, 'committing to the store');
        this.#status.set('away');
        this.#queue.refuse();
        this.#opened.resolve();
        break;
      case 'fault':
        this.#fault(message.message, `${message.doing} of the store`);
    }
    this.#schedule();
  }

  #tellUnheard(unheard: readonly Unheard[]): void {
    for (const { operation, bug } of unheard) {
      if (bug !== undefined) this.#fault(bug, `the operation ${operation.name}`);
      // Nobody has taken the room.
      else if (operation.name === 'load') this.#ask('unload', operation).catch(() => {});
    }
  }

  /** Rejects what is overdue, and looks whether a store that is away is back. */
  #look(): void {
    if (this.#status.value === 'starting') return;
    if (this.#queue.rejectOverdue()) this.#status.set('away');
    const now = this.#options.clock.monotonic();
    if (this.#status.value === 'away' && !this.#queue.isRunning && now - this.#probedAt >= probeMs) {
      this.#probedAt = now;
      this.#ask('probe', {}).catch(() => {});
    }
  }

  #fault(message: string, doing: string): void {
    this.#options.onFault(new Error(message), doing);
  }

  /** The thread has ended. */
  #lose(error: Error): void {
    const isByItself = !this.#closing && this.#failure === undefined && this.#status.value !== 'starting';
    this.#fail(error, this.#closing ? isClosed : 'The thread of the store has ended.');
    if (isByItself) this.#lost.resolve(error);
  }

  /** The thread has ended, or the file was refused or is damaged: nothing more can be done. */
  #fail(error: Error, detail: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = detail;
    this.#watch.cancel();
    this.#survivors.stop();
    this.#opened.reject(error);
    this.#queue.rejectAll(detail);
    // Of one that has never opened, whoever waits for that is told, and nobody else.
    if (this.#closing || this.#status.value === 'starting') return;
    this.#options.onFault(error, 'keeping the store open');
    this.#status.set('away');
  }
}

function refOf({ room, sessionId }: SessionRef): SessionRef {
  return { room, sessionId };
}

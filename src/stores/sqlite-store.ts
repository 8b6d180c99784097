/**
 * The store that keeps everything in one file, written by one thread of this process.
 *
 * 1. What is asked for waits in `#queue`; at most one transaction of it is under way. `#run` starts the next one, in the turn
 *    after `#schedule`, and `#take` hears what became of it.
 * 2. The answer of a transaction delivers its batches to the listeners first (`#publish`), then answers the callers, in the
 *    order of the calls [P-1].
 * 3. Status (`#setStatus`): `starting` until the thread has opened the file; `away` after a commit that failed or is overdue,
 *    until one succeeds, for which the store itself tries every `probeMs`.
 * 4. Once `#failure` is set nothing more is asked of the thread but to end, and the store stays away: the file was refused
 *    or is damaged, or the thread has ended by itself (`lost`).
 */

import { basename, resolve } from 'node:path';
import type { Clock, Timer } from '../core/clock.ts';
import type { SessionEndReason } from '../core/endings.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type {
  AppendAnswer,
  Delivery,
  LoadedRoom,
  MessageDraft,
  OpenAnswer,
  SessionClaim,
  SessionPosition,
  SessionRecord,
  SessionRef,
  Store,
  StoreListener,
  StoreStatus,
} from '../core/store.ts';
import type { Synchronous } from './sqlite/database.ts';
import { readBlocks } from './sqlite/log-blocks.ts';
import { OperationQueue, unavailable } from './sqlite/operation-queue.ts';
import type { FromThread, OperationName, Operations, PublishedChanges } from './sqlite/protocol.ts';
import { StoreRefusal } from './sqlite/refusal.ts';
import { StoreThread } from './sqlite/store-thread.ts';
import { type Subscription, Subscriptions } from './sqlite/subscriptions.ts';
import { Survivors } from './sqlite/survivors.ts';

export interface SqliteStoreOptions {
  readonly path: string;
  readonly synchronous: Synchronous;
  readonly clock: Clock;
  readonly history: HistoryLimits;
  /** Bytes of events in all rooms. */
  readonly maxTotalBytes: number;
  /** Told what failed without anybody waiting for it. */
  readonly onFault: (error: unknown, doing: string) => void;
}

const watchMs = 500;
const probeMs = 1_000;
const isClosed = 'The store is closed.';
const lostEnd =
  'has lost what was committed last: the end of its log is gone. Its rooms go on from before that, with new epochs.';

export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions;
  readonly #thread: StoreThread;
  readonly #subscriptions: Subscriptions;
  readonly #survivors: Survivors;
  readonly #statusListeners = new Set<(status: StoreStatus) => void>();
  readonly #queue: OperationQueue;
  #isScheduled = false;
  #status: StoreStatus = 'starting';
  #closing: Promise<void> | undefined;
  readonly #watch: Timer;
  #probedAt = 0;
  #isTrimming = false;
  readonly #opened: Promise<void>;
  #settleOpened: { resolve(): void; reject(error: Error): void } | undefined;
  /** Resolves, with why, once the thread has ended by itself: only another process can go on. */
  readonly lost: Promise<Error>;
  #tellLost: (error: Error) => void = () => {};
  /** What callers are told from now on. */
  #failure: string | undefined;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.onFault);
    this.#survivors = new Survivors(options.clock);
    this.#queue = new OperationQueue(options.clock);
    const { synchronous, history, maxTotalBytes } = options;
    // Absolute, so that no name is taken for one of SQLite's own (`file:…`).
    const path = resolve(options.path);
    this.#opened = new Promise((resolve, reject) => {
      this.#settleOpened = { resolve, reject };
    });
    // Whoever does not wait for it sees the status.
    this.#opened.catch(() => {});
    this.lost = new Promise((resolve) => {
      this.#tellLost = resolve;
    });
    this.#thread = new StoreThread(
      { path, synchronous, history, maxTotalBytes },
      (message) => this.#take(message),
      (error) => this.#lose(error),
    );
    this.#watch = options.clock.every(watchMs, () => this.#look());
  }

  /**
   * Resolves once the file is open.
   * @throws StoreRefusal in one line, if it cannot be used
   */
  opened(): Promise<void> {
    return this.#opened;
  }

  get status(): StoreStatus {
    return this.#status;
  }

  get unheld(): number {
    return this.#survivors.size;
  }

  onStatus(listener: (status: StoreStatus) => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
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

  async openSession(claim: SessionClaim, join: boolean, maxMembers: number): Promise<OpenAnswer> {
    const answer = await this.#ask('open', { claim, join, maxMembers });
    if (answer.outcome === 'reopened') this.#survivors.delete(answer.record.sessionId);
    return answer;
  }

  joinSession({ room, sessionId }: SessionRef): Promise<boolean> {
    return this.#ask('join', { room, sessionId });
  }

  closeSession({ room, sessionId }: SessionRef, reason: SessionEndReason): Promise<void> {
    return this.#ask('close', { room, sessionId, reason });
  }

  append(room: string, drafts: readonly MessageDraft[]): Promise<readonly AppendAnswer[]> {
    return this.#ask('append', { room, drafts });
  }

  async findSession(room: string, tokenHash: string): Promise<SessionRecord | null> {
    const record = await this.#ask('find', { room, tokenHash });
    if (record) this.#survivors.delete(record.sessionId);
    return record;
  }

  touch(sessions: readonly SessionRef[]): Promise<void> {
    return this.#ask('touch', { sessions: sessions.map(refOf) });
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

  trim(): void {
    if (this.#isTrimming || this.#status !== 'ready') return;
    this.#isTrimming = true;
    void this.#trimStep();
  }

  close(): Promise<void> {
    this.#closing ??= this.#thread.ended;
    this.#schedule();
    return this.#closing;
  }

  /** @param onAnswer called with the answer, before any later batch is delivered */
  #ask<N extends OperationName>(
    name: N,
    input: Operations[N]['ask'],
    onAnswer?: () => void,
  ): Promise<Operations[N]['answer']> {
    const refusal = this.#failure ?? (this.#closing && isClosed);
    if (refusal !== undefined) return Promise.reject(unavailable(refusal));
    const answer = this.#queue.add(name, input, onAnswer);
    this.#schedule();
    return answer;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queue.isRunning || this.#status === 'starting') return;
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
      this.#thread.post({ type: 'run', operations: this.#queue.start(this.#status === 'away') });
    } else if (this.#closing) {
      this.#thread.post({ type: 'close' });
    }
  }

  #take(message: FromThread): void {
    switch (message.type) {
      case 'opened':
        this.#survivors.add(message.survivors);
        if (message.isLost) this.#fault(`${this.#options.path} ${lostEnd}`, 'opening the store');
        this.#setStatus('ready');
        this.#settleOpened?.resolve();
        break;
      case 'refused':
        this.#fail(new StoreRefusal(message.message), 'The database cannot be used.');
        break;
      case 'ran':
        if (message.isWritten) this.#setStatus('ready');
        this.#publish(message.changes);
        this.#answer(message.answers, message.bugs);
        break;
      case 'failed':
        if (message.isDamaged) {
          this.#fail(this.#damageOf(message.message), 'The database is damaged.');
          break;
        }
        if (this.#status !== 'away') this.#fault(message.message, 'committing to the store');
        this.#setStatus('away');
        this.#queue.refuse();
        break;
      case 'fault':
        this.#fault(message.message, 'writing the log of the store back');
    }
    this.#schedule();
  }

  #publish(changes: readonly PublishedChanges[]): void {
    for (const { room, events, endings } of changes) {
      for (const { sessionId } of endings) this.#survivors.delete(sessionId);
      this.#subscriptions.publish(room, { events, endings });
    }
  }

  #answer(answers: readonly unknown[], bugs: ReadonlyMap<number, string>): void {
    for (const { operation, bug } of this.#queue.answer(answers, bugs)) {
      if (bug !== undefined) this.#fault(bug, `the operation ${operation.name}`);
      // Nobody has taken the room.
      else if (operation.name === 'load') this.#ask('unload', operation).catch(() => {});
    }
  }

  /** Rejects what is overdue, and looks whether a store that is away is back. */
  #look(): void {
    if (this.#status === 'starting') return;
    if (this.#queue.rejectOverdue()) this.#setStatus('away');
    const now = this.#options.clock.monotonic();
    if (this.#status === 'away' && !this.#queue.isRunning && now - this.#probedAt >= probeMs) {
      this.#probedAt = now;
      this.#ask('probe', {}).catch(() => {});
    }
  }

  async #trimStep(): Promise<void> {
    try {
      while ((await this.#ask('trim', {})) && this.#status === 'ready');
    } catch {
      // The next one goes on; what kept it from committing is told by the status.
    } finally {
      this.#isTrimming = false;
    }
  }

  #setStatus(status: StoreStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    if (this.#closing) return;
    for (const listener of this.#statusListeners) listener(status);
  }

  #fault(message: string, doing: string): void {
    this.#options.onFault(new Error(message), doing);
  }

  #damageOf(what: string): Error {
    const { path } = this.#options;
    return new Error(
      `${path} is damaged (${what}); nothing is written to it any more. End the server, and put a backup in its place, or move ${basename(path)} and what begins with its name away to begin anew.`,
    );
  }

  /** The thread has ended. */
  #lose(error: Error): void {
    const isByItself = !this.#closing && this.#failure === undefined && this.#status !== 'starting';
    this.#fail(error, this.#closing ? isClosed : 'The thread of the store has ended.');
    if (isByItself) this.#tellLost(error);
  }

  /** The thread has ended, or the file was refused or is damaged: nothing more can be done. */
  #fail(error: Error, detail: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = detail;
    this.#watch.cancel();
    this.#survivors.stop();
    this.#settleOpened?.reject(error);
    this.#queue.rejectAll(detail);
    // Of one that has never opened, whoever waits for that is told, and nobody else.
    if (this.#closing || this.#status === 'starting') return;
    this.#options.onFault(error, 'keeping the store open');
    this.#setStatus('away');
  }
}

function refOf({ room, sessionId }: SessionRef): SessionRef {
  return { room, sessionId };
}

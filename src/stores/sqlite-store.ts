/**
 * The store that keeps everything in one file, written by one thread of this process.
 *
 * Operations queue up in `#queue`; at most one transaction is under way (`#running`), and what is asked for meanwhile
 * is the next one. Its answer delivers the batches to the listeners first, then answers the callers, in the order of
 * the calls.
 *
 * Status: `starting` until the thread has opened the file; `away` after a commit that failed or is overdue, until one
 * succeeds: the store itself tries every `probeMs`. Once the file is found damaged it stays away, and so it does once the
 * thread has ended by itself (`lost`).
 */

import { basename, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../core/clock.ts';
import type { SessionEndReason } from '../core/endings.ts';
import { ChatError } from '../core/errors.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type {
  AppendAnswer,
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
import type {
  FromThread,
  Operation,
  OperationName,
  Operations,
  PublishedChanges,
  ThreadData,
  ToThread,
} from './sqlite/protocol.ts';
import { StoreRefusal } from './sqlite/refusal.ts';
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

interface Pending {
  readonly operation: Operation;
  /** Monotonic milliseconds. */
  readonly askedAt: number;
  /** Called in the same step in which the batches before it were delivered. */
  resolve(answer: unknown): void;
  reject(error: unknown): void;
  /** Rejected already: its commit was overdue. */
  isOver: boolean;
}

// A caller waits at most so long; his own deadline is later, so that he gets an answer and not silence.
const overdueMs = 5_000;
const watchMs = 500;
const probeMs = 1_000;
const awayRetryMs = 2_000;
// So many operations are one transaction at the most: its answers come in one turn of the event loop.
const maxBatch = 512;
// What changes nothing in the file. While the store is away it does not share a transaction that is likely to fail.
const reads: ReadonlySet<OperationName> = new Set(['find', 'expired']);

const lostEnd =
  'has lost what was committed last: the end of its log is gone. Its rooms go on from before that, with new epochs.';

export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions;
  readonly #thread: Worker;
  readonly #subscriptions: Subscriptions;
  readonly #survivors: Survivors;
  readonly #statusListeners = new Set<(status: StoreStatus) => void>();
  // Bounded by the requests in flight: every entry is awaited by one, for `overdueMs` at the most.
  #queue: Pending[] = [];
  #running: readonly Pending[] | undefined;
  #isScheduled = false;
  #status: StoreStatus = 'starting';
  #closing: Promise<void> | undefined;
  readonly #watch: Timer;
  #probedAt = 0;
  #isTrimming = false;
  readonly #opened: Promise<void>;
  #settleOpened: { resolve(): void; reject(error: Error): void } | undefined;
  readonly #ended: Promise<void>;
  /** Resolves, with why, once the thread has ended by itself: only another process can go on. */
  readonly lost: Promise<Error>;
  #tellLost: (error: Error) => void = () => {};
  #hasFailed = false;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.onFault);
    this.#survivors = new Survivors(options.clock);
    const { synchronous, history, maxTotalBytes } = options;
    // Absolute, so that no name is taken for one of SQLite's own (`file:…`).
    const path = resolve(options.path);
    const data: ThreadData = { path, synchronous, history, maxTotalBytes };
    this.#opened = new Promise((resolve, reject) => {
      this.#settleOpened = { resolve, reject };
    });
    // Whoever does not wait for it sees the status.
    this.#opened.catch(() => {});
    this.lost = new Promise((resolve) => {
      this.#tellLost = resolve;
    });
    this.#thread = new Worker(threadUrl(), { workerData: data });
    this.#thread.on('message', (message: FromThread) => this.#take(message));
    this.#thread.on('error', (error) => this.#lose(error));
    this.#ended = new Promise((resolve) => {
      this.#thread.on('exit', () => {
        this.#lose(new Error('The thread of the store has ended.'));
        resolve();
      });
    });
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

  async expired(candidates: readonly SessionRef[], idleMs: number): Promise<readonly SessionRef[]> {
    const due = this.#survivors.due(idleMs);
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
    this.#closing ??= this.#ended;
    this.#schedule();
    return this.#closing;
  }

  /** @param onAnswer called with the answer, before any later batch is delivered */
  #ask<N extends OperationName>(
    name: N,
    input: Operations[N]['ask'],
    onAnswer?: () => void,
  ): Promise<Operations[N]['answer']> {
    if (this.#closing || this.#hasFailed) return Promise.reject(unavailable('The store is closed.'));
    return new Promise((resolve, reject) => {
      this.#queue.push({
        operation: { name, ...input } as Operation,
        askedAt: this.#options.clock.monotonic(),
        resolve: (answer) => {
          onAnswer?.();
          resolve(answer as Operations[N]['answer']);
        },
        reject,
        isOver: false,
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#running || this.#status === 'starting') return;
    if (this.#queue.length === 0 && !this.#closing) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  #run(): void {
    if (this.#running) return;
    if (this.#queue.length === 0) {
      if (this.#closing) this.#post({ type: 'close' });
      return;
    }
    const end = this.#batchLength();
    this.#running = this.#queue.slice(0, end);
    this.#queue = this.#queue.slice(end);
    this.#post({ type: 'run', operations: this.#running.map(({ operation }) => operation) });
  }

  /** How many operations are the next transaction. */
  #batchLength(): number {
    const [first] = this.#queue;
    // A load is a transaction of its own: what is committed with it would be neither in its log nor after it.
    if (!first || first.operation.name === 'load') return 1;
    const isReading = isRead(first);
    const isAway = this.#status === 'away';
    const length = this.#queue.findIndex(
      (next) => next.operation.name === 'load' || (isAway && isRead(next) !== isReading),
    );
    return length < 0 ? maxBatch : Math.min(maxBatch, length);
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
        this.#fail(new StoreRefusal(message.message));
        break;
      case 'ran':
        if (message.isWritten) this.#setStatus('ready');
        this.#publish(message.changes);
        this.#answer(message.answers, message.bugs);
        break;
      case 'failed':
        if (message.isDamaged) {
          this.#fail(this.#damageOf(message.message));
          break;
        }
        if (this.#status !== 'away') this.#fault(message.message, 'committing to the store');
        this.#setStatus('away');
        this.#refuse();
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
    const running = this.#running ?? [];
    this.#running = undefined;
    running.forEach((pending, index) => {
      const bug = bugs.get(index);
      // Whoever asked says so in the log, if he still waits.
      if (bug !== undefined && pending.isOver) this.#fault(bug, `the operation ${pending.operation.name}`);
      else if (bug !== undefined) pending.reject(new Error(bug));
      else if (!pending.isOver) pending.resolve(answers[index]);
      // Nobody has taken the room.
      else if (pending.operation.name === 'load') this.#ask('unload', pending.operation).catch(() => {});
    });
  }

  /** Refuses what could not be committed; what only shared the transaction with it is the next one. */
  #refuse(): void {
    const running = this.#running ?? [];
    this.#running = undefined;
    const isMixed = !running.every(isRead);
    const again = running.filter((pending) => isMixed && isRead(pending) && !pending.isOver);
    for (const pending of running) {
      if (!again.includes(pending)) reject(pending, 'The store cannot write at the moment.');
    }
    this.#queue = [...again, ...this.#queue];
  }

  #rejectAll(detail: string): void {
    const all = [...(this.#running ?? []), ...this.#queue];
    this.#running = undefined;
    this.#queue = [];
    for (const pending of all) reject(pending, detail);
  }

  /** Rejects what is overdue, and looks whether a store that is away is back. */
  #look(): void {
    const now = this.#options.clock.monotonic();
    const isOverdue = ({ askedAt }: Pending) => now - askedAt >= overdueMs;
    if (this.#running?.some(isOverdue)) {
      this.#setStatus('away');
      // Whether they take effect is open: their commit may still succeed.
      for (const pending of this.#running) reject(pending, 'The store does not answer at the moment.');
    }
    if (this.#status !== 'starting' && this.#queue.some(isOverdue)) {
      for (const pending of this.#queue.filter(isOverdue)) {
        reject(pending, 'The store does not answer at the moment.');
      }
      this.#queue = this.#queue.filter((pending) => !pending.isOver);
    }
    if (this.#status === 'away' && !this.#running && now - this.#probedAt >= probeMs) {
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
    const isByItself = !this.#closing && !this.#hasFailed && this.#status !== 'starting';
    this.#fail(error);
    if (isByItself) this.#tellLost(error);
  }

  /** The thread has ended, or the file was refused or is damaged: nothing more can be done. */
  #fail(error: Error): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#watch.cancel();
    this.#survivors.stop();
    this.#settleOpened?.reject(error);
    this.#rejectAll('The store is closed.');
    // Of one that has never opened, whoever waits for that is told, and nobody else.
    if (this.#closing || this.#status === 'starting') return;
    this.#options.onFault(error, 'keeping the store open');
    this.#setStatus('away');
  }

  #post(message: ToThread): void {
    this.#thread.postMessage(message);
  }
}

function isRead({ operation }: Pending): boolean {
  return reads.has(operation.name);
}

function refOf({ room, sessionId }: SessionRef): SessionRef {
  return { room, sessionId };
}

function reject(pending: Pending, detail: string): void {
  if (pending.isOver) return;
  pending.isOver = true;
  pending.reject(unavailable(detail));
}

function unavailable(detail: string): ChatError {
  return new ChatError('unavailable', detail, { retryAfterMs: awayRetryMs });
}

/** The thread's file lies beside this one, compiled or not. */
function threadUrl(): URL {
  return new URL(import.meta.url.replace(/sqlite-store(?=\.[jt]s$)/, 'sqlite/thread'));
}

/**
 * The store that keeps nothing beyond the process: for tests and throw-away rooms.
 *
 * Operations queue up in `#queue` and are carried out together, once per turn of the event loop: that is
 * a commit. Only then listeners hear the batches and callers get their answers, in this order.
 */

import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { SessionEndReason } from '../core/endings.ts';
import { ChatError } from '../core/errors.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import { HistoryBudget } from '../core/history-budget.ts';
import type {
  AppendAnswer,
  LoadedRoom,
  MessageDraft,
  OpenAnswer,
  SessionClaim,
  SessionRecord,
  SessionRef,
  Store,
  StoreListener,
} from '../core/store.ts';
import { MemoryRoom } from './memory-room.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly history: HistoryLimits;
  /** Bytes of events in all rooms. */
  readonly maxTotalBytes: number;
}

const epochBytes = 6;

export class MemoryStore implements Store {
  readonly #options: MemoryStoreOptions;
  readonly #budget: HistoryBudget;
  readonly #rooms = new Map<string, MemoryRoom>();
  // Bounded by the requests in flight: every entry is awaited by one.
  #queue: (() => () => void)[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    this.#budget = new HistoryBudget(options.maxTotalBytes);
  }

  load(room: string, listener: StoreListener): Promise<LoadedRoom> {
    return this.#commit(() => this.#room(room).load(listener));
  }

  openSession(claim: SessionClaim, join: boolean, maxMembers: number): Promise<OpenAnswer> {
    return this.#commit(() => this.#room(claim.room).open(claim, join, maxMembers));
  }

  joinSession({ room, sessionId }: SessionRef): Promise<boolean> {
    return this.#commit(() => this.#room(room).join(sessionId));
  }

  closeSession({ room, sessionId }: SessionRef, reason: SessionEndReason): Promise<void> {
    return this.#commit(() => this.#rooms.get(room)?.close(sessionId, reason));
  }

  append(room: string, drafts: readonly MessageDraft[]): Promise<readonly AppendAnswer[]> {
    return this.#commit(() => this.#room(room).append(drafts));
  }

  findSession(room: string, tokenHash: string): Promise<SessionRecord | null> {
    return this.#commit(() => this.#rooms.get(room)?.find(tokenHash) ?? null);
  }

  touch(sessions: readonly SessionRef[]): Promise<void> {
    return this.#commit(() => {
      for (const { room, sessionId } of sessions) this.#rooms.get(room)?.touch(sessionId);
    });
  }

  expired(candidates: readonly SessionRef[], idleMs: number): Promise<readonly SessionRef[]> {
    // The one process that has this store knows best who is idle; a session is given once per `idleMs`.
    return this.#commit(() =>
      candidates.filter(({ room, sessionId }) => this.#rooms.get(room)?.takeExpired(sessionId, idleMs)),
    );
  }

  trim(): void {
    for (const [name, room] of this.#rooms) {
      room.trim();
      if (!room.isForgettable) continue;
      this.#rooms.delete(name);
      this.#budget.delete(room.log);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#run();
    this.#isClosed = true;
    this.#rooms.clear();
  }

  /** Carries `operation` out with all others of this turn; resolves after the listeners had their batches. */
  #commit<T>(operation: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new ChatError('unavailable', 'The store is closed.'));
    return new Promise((resolve, reject) => {
      this.#queue.push(() => {
        try {
          const answer = operation();
          return () => resolve(answer);
        } catch (error) {
          return () => reject(error);
        }
      });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.#run());
    });
  }

  #run(): void {
    this.#isScheduled = false;
    const queue = this.#queue;
    this.#queue = [];
    const answers = queue.map((operation) => operation());
    this.#budget.enforce();
    for (const room of this.#rooms.values()) room.publish();
    for (const answer of answers) answer();
  }

  #room(name: string): MemoryRoom {
    let room = this.#rooms.get(name);
    if (!room) {
      const epoch = randomBytes(epochBytes).toString('hex');
      room = new MemoryRoom(epoch, this.#options.history, this.#options.clock);
      this.#rooms.set(name, room);
      this.#budget.add(room.log);
    }
    return room;
  }
}

/**
 * The store that keeps nothing beyond the process: for tests and throw-away rooms.
 *
 * Operations queue up in `#queue` and are carried out together, once per turn of the event loop: that is
 * a commit. Only then listeners hear the batches and callers get their answers, in this order.
 */

import type { User } from '../core/authenticator.ts';
import type { Clock } from '../core/clock.ts';
import type { SessionEndReason } from '../core/endings.ts';
import { ChatError } from '../core/errors.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import { HistoryBudget } from '../core/history-budget.ts';
import type { Restriction, RestrictionDraft, RestrictionListener } from '../core/restriction.ts';
import type {
  AppendAnswer,
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
} from '../core/store.ts';
import { maxRooms } from './max-rooms.ts';
import { MemoryRoom } from './memory-room.ts';
import { newEpoch } from './new-epoch.ts';
import { RestrictionBook } from './restriction-book.ts';
import { RestrictionListeners } from './restriction-listeners.ts';

interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly history: HistoryLimits;
  /** Bytes of events in all rooms. */
  readonly maxTotalBytes: number;
}

export class MemoryStore implements Store {
  readonly status = 'ready';
  /** What no process holds is gone. */
  readonly unheld = 0;
  readonly #options: MemoryStoreOptions;
  readonly #budget: HistoryBudget;
  // In the order of being loaded. Bounded by `maxRooms` and the rooms in use.
  readonly #rooms = new Map<string, MemoryRoom>();
  readonly #restrictions: RestrictionBook;
  readonly #restrictionListeners = new RestrictionListeners();
  /** The rooms that this commit has looked at. */
  readonly #concerned = new Set<MemoryRoom>();
  // Bounded by the requests in flight: every entry is awaited by one.
  #queue: (() => () => void)[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    this.#budget = new HistoryBudget(options.maxTotalBytes);
    const inTheBook = { putRestriction: () => {}, dropRestriction: () => {} };
    this.#restrictions = new RestrictionBook([], inTheBook, options.clock);
  }

  /** Memory does not go away. */
  onStatus(): () => void {
    return () => {};
  }

  load(room: string, listener: StoreListener): Promise<LoadedRoom> {
    return this.#commit(() => this.#loadedRoom(room).load(listener));
  }

  openSession(claim: SessionClaim, join: boolean, maxMembers: number): Promise<OpenAnswer> {
    return this.#commit(() => this.#room(claim.room).ledger.open(claim, join, maxMembers));
  }

  joinSession({ room, sessionId }: SessionRef): Promise<boolean> {
    return this.#commit(() => this.#find(room)?.ledger.join(sessionId) ?? false);
  }

  closeSession({ room, sessionId }: SessionRef, reason: SessionEndReason, detail?: string): Promise<void> {
    return this.#commit(() => this.#find(room)?.ledger.close(sessionId, reason, detail));
  }

  append(room: string, drafts: readonly MessageDraft[]): Promise<readonly AppendAnswer[]> {
    return this.#commit(
      () =>
        this.#find(room)?.ledger.append(drafts) ?? drafts.map(() => ({ outcome: 'session-gone' as const })),
    );
  }

  announce(room: string, message: string): Promise<LogPlace> {
    return this.#commit(() => this.#room(room).ledger.announce(message));
  }

  redact(room: string, target: number): Promise<RedactAnswer> {
    return this.#commit(() => this.#find(room)?.ledger.redact(target) ?? { outcome: 'not-kept' });
  }

  findSession(room: string, tokenHash: string): Promise<SessionRecord | null> {
    return this.#commit(() => this.#find(room)?.ledger.find(tokenHash) ?? null);
  }

  touch(sessions: readonly SessionRef[]): Promise<void> {
    return this.#commit(() => {
      for (const { room, sessionId } of sessions) this.#find(room)?.ledger.touch(sessionId);
    });
  }

  renewUser({ room, sessionId }: SessionRef, user: User): Promise<void> {
    return this.#commit(() => this.#find(room)?.ledger.renewUser(sessionId, user));
  }

  savePositions(positions: readonly SessionPosition[]): Promise<void> {
    return this.#commit(() => {
      for (const { room, sessionId, position } of positions)
        this.#find(room)?.ledger.savePosition(sessionId, position);
    });
  }

  expired(candidates: readonly SessionRef[], idleMs: number): Promise<readonly SessionRef[]> {
    // The one process that has this store knows best who is idle; a session is given once per `idleMs`.
    return this.#commit(() =>
      candidates.filter(({ room, sessionId }) => this.#find(room)?.ledger.takeExpired(sessionId, idleMs)),
    );
  }

  watchRestrictions(listener: RestrictionListener): Promise<() => void> {
    return this.#commit(() => {
      this.#tellRestrictions();
      return this.#restrictionListeners.add(listener, this.#restrictions.all());
    });
  }

  putRestriction(draft: RestrictionDraft, forMs: number | null): Promise<Restriction | null> {
    return this.#commit(() => this.#restrictions.put(draft, forMs));
  }

  removeRestriction(id: string): Promise<boolean> {
    return this.#commit(() => this.#restrictions.remove(id));
  }

  trim(): void {
    this.#restrictions.trim();
    this.#tellRestrictions();
    let surplus = this.#rooms.size - maxRooms;
    for (const [name, room] of this.#rooms) {
      room.trim();
      this.#budget.note(room.log);
      // A room that comes back gets a new epoch.
      if (room.isInUse || (room.log.length > 0 && surplus <= 0)) continue;
      this.#rooms.delete(name);
      this.#budget.delete(room.log);
      surplus -= 1;
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
    for (const room of this.#concerned) this.#budget.note(room.log);
    for (const room of this.#concerned) room.publish();
    this.#concerned.clear();
    this.#tellRestrictions();
    for (const answer of answers) answer();
  }

  #tellRestrictions(): void {
    this.#restrictionListeners.tell(this.#restrictions.takeChanges());
  }

  #find(name: string): MemoryRoom | undefined {
    const room = this.#rooms.get(name);
    if (room) this.#concerned.add(room);
    return room;
  }

  #room(name: string): MemoryRoom {
    const known = this.#find(name);
    if (known) return known;
    const room = new MemoryRoom(newEpoch(), this.#options.history, this.#options.clock);
    this.#rooms.set(name, room);
    this.#concerned.add(room);
    this.#budget.add(room.log);
    return room;
  }

  #loadedRoom(name: string): MemoryRoom {
    const room = this.#room(name);
    this.#rooms.delete(name);
    this.#rooms.set(name, room);
    return room;
  }
}

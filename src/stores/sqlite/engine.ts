/**
 * Carries operations out on a database file, many of them as one transaction.
 *
 * - What an operation changes is written within the transaction and published only after its commit [P-1].
 * - If the commit fails, nothing of it took effect: the rooms concerned go on from what the file has.
 * - An operation that runs into a bug fails alone: all are taken back, and the others carried out again without it.
 * - What could not be committed for lack of room is carried out again if writing back the log gives some.
 */

import type { Time } from '../../core/clock.ts';
import { codeOf } from '../../core/errors.ts';
import type { HistoryLimits } from '../../core/event-log.ts';
import { maxRooms } from '../max-rooms.ts';
import { newEpoch } from '../new-epoch.ts';
import { RestrictionBook, type RestrictionChange } from '../restriction-book.ts';
import type { OpenDatabase } from './database.ts';
import { openMark } from './epochs.ts';
import { Erasure } from './erasure.ts';
import { isBug } from './faults.ts';
import type { Operation, OperationAnswer, PublishedChanges } from './protocol.ts';
import { SqliteRoom } from './sqlite-room.ts';
import { Tables } from './tables.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

interface EngineOptions {
  readonly time: Time;
  readonly history: HistoryLimits;
  /** Bytes of events in all rooms. */
  readonly maxTotalBytes: number;
}

export interface Ran {
  readonly answers: readonly OperationAnswer[];
  /** What was thrown by those that failed alone, by their index; what they changed was taken back. */
  readonly bugs: ReadonlyMap<number, unknown>;
  readonly changes: readonly PublishedChanges[];
  readonly restrictions: readonly RestrictionChange[];
  readonly isWritten: boolean;
}

// One step of retention drops so many events and looks at so many rooms at the most: a few milliseconds.
const eventsPerStep = 512;
const roomsPerStep = 256;
// Retention takes this share of the largest room at once, so that a full budget is not paid for per event.
const shrinkShare = 1 / 16;
// There must be room for so much before a file counts as one that can be written, or the next commit would fail again.
const ballast = ' '.repeat(32 * 1024);

export class SqliteEngine {
  readonly #open: OpenDatabase;
  readonly #options: EngineOptions;
  readonly #tables: Tables;
  readonly #log: WriteAheadLog;
  readonly #erasure: Erasure;
  // In the order of being loaded. Bounded by `maxRooms` and the rooms in use.
  readonly #rooms = new Map<string, SqliteRoom>();
  /** The rooms that this transaction has looked at. */
  readonly #concerned = new Set<SqliteRoom>();
  // What this transaction has added to `#rooms` and taken out of it.
  readonly #created = new Set<SqliteRoom>();
  readonly #forgotten = new Set<SqliteRoom>();
  // Read from the file when it is first asked for, and after a transaction that was taken back.
  #keptRestrictions: RestrictionBook | undefined;
  #nextRoomId = 1;
  #trimQueue: SqliteRoom[] = [];

  constructor(open: OpenDatabase, options: EngineOptions) {
    this.#open = open;
    this.#options = options;
    this.#tables = new Tables(open.database);
    this.#log = new WriteAheadLog(open.database, open.isMarked, options.time);
    this.#erasure = new Erasure(open.database, this.#tables, this.#log, options.time);
    for (const found of open.rooms) {
      const room = new SqliteRoom(found, this.#tables, options.time);
      this.#rooms.set(room.name, room);
      this.#nextRoomId = Math.max(this.#nextRoomId, room.id + 1);
    }
  }

  /**
   * Carries out all of `operations`, those with a bug aside, or none.
   * @throws what SQLite throws if they cannot be committed
   */
  run(operations: readonly Operation[]): Ran {
    try {
      return this.#carryOut(operations);
    } catch (error) {
      if (!this.#log.relieves(error)) throw error;
      return this.#carryOut(operations);
    } finally {
      this.#unload(operations);
    }
  }

  #carryOut(operations: readonly Operation[]): Ran {
    const bugs = new Map<number, unknown>();
    // Each turn but the last finds a bug: at worst half the square of a transaction's operations is carried out.
    for (;;) {
      const ran = this.#attempt(operations, bugs);
      if (ran) return ran;
    }
  }

  /** Carries out what is not among `bugs`; undefined, having changed nothing, if there is one more. */
  #attempt(operations: readonly Operation[], bugs: Map<number, unknown>): Ran | undefined {
    const answers: OperationAnswer[] = [];
    try {
      for (const operation of operations) {
        answers.push(bugs.has(answers.length) ? undefined : this.#take(operation));
      }
      const isWritten = this.#tables.commit();
      for (const room of this.#concerned) room.committed();
      const restrictions = this.#keptRestrictions?.takeChanges() ?? [];
      return { answers, bugs, changes: this.#takeChanges(), restrictions, isWritten };
    } catch (error) {
      this.#rollback();
      if (answers.length === operations.length) this.#writeOver(error);
      if (answers.length === operations.length || !isBug(error)) throw error;
      bugs.set(answers.length, error);
      return undefined;
    } finally {
      this.#concerned.clear();
      this.#created.clear();
      this.#forgotten.clear();
    }
  }

  /**
   * A commit whose sync has failed stands whole in the log: after a kill it would be there, though it was refused. Writing
   * something else in its place keeps it from that, if the disk takes so much.
   */
  #writeOver(error: unknown): void {
    if (!codeOf(error)?.startsWith('SQLITE_IOERR')) return;
    try {
      this.#probe('');
      this.#tables.commit();
    } catch {
      this.#tables.rollback();
    }
  }

  #probe(ballast: string): void {
    this.#tables.setMeta('probe', `${this.#options.time.wall()}${ballast}`);
    // It may not be there yet: see `openDatabase`.
    this.#tables.setMeta(openMark, '1');
  }

  /** Whether the file and its log are where they were opened. */
  get isInPlace(): boolean {
    return this.#log.isInPlace;
  }

  /**
   * Writes the write-ahead log back if it has grown large.
   * @throws what keeps it from that; nothing is lost by it
   */
  writeBack(): void {
    this.#log.writeBack();
  }

  /**
   * Takes what was redacted out of the bytes of the file, if that is due. Only between transactions.
   * @throws what keeps it from that; it is due again later
   */
  erase(): void {
    if (this.#erasure.isDue) this.#erasure.run();
  }

  close(): void {
    this.#erasure.finish();
    this.#open.close();
  }

  /** The file is damaged: nothing may be asked of it any more but to close. */
  abandon(): void {
    this.#open.abandon();
  }

  #take(operation: Operation): OperationAnswer {
    switch (operation.name) {
      case 'load':
        return this.#load(operation.room);
      case 'unload':
        return undefined;
      case 'open': {
        const { claim, join, maxMembers } = operation;
        return this.#room(claim.room).ledger.open(claim, join, maxMembers);
      }
      case 'join':
        return this.#find(operation.room)?.ledger.join(operation.sessionId) ?? false;
      case 'close':
        this.#find(operation.room)?.ledger.close(operation.sessionId, operation.reason, operation.detail);
        return undefined;
      case 'append':
        return (
          this.#find(operation.room)?.ledger.append(operation.drafts) ??
          operation.drafts.map(() => ({ outcome: 'session-gone' as const }))
        );
      case 'announce':
        return this.#room(operation.room).ledger.announce(operation.message);
      case 'redact': {
        const answer = this.#find(operation.room)?.ledger.redact(operation.target);
        if (answer?.outcome === 'redacted') this.#erasure.owe();
        return answer ?? { outcome: 'not-kept' };
      }
      case 'find':
        return this.#find(operation.room)?.ledger.find(operation.tokenHash) ?? null;
      case 'touch':
        for (const { room, sessionId } of operation.sessions) this.#find(room)?.ledger.touch(sessionId);
        return undefined;
      case 'renew':
        this.#find(operation.room)?.ledger.renewUser(operation.sessionId, operation.user);
        return undefined;
      case 'save':
        for (const { room, sessionId, position } of operation.positions) {
          this.#find(room)?.ledger.savePosition(sessionId, position);
        }
        return undefined;
      case 'expired':
        return operation.candidates.filter(({ room, sessionId }) =>
          this.#find(room)?.ledger.takeExpired(sessionId, operation.idleMs),
        );
      case 'restrictions':
        return this.#restrictions.all();
      case 'restrict':
        return this.#restrictions.put(operation.draft, operation.forMs);
      case 'lift':
        return this.#restrictions.remove(operation.id);
      case 'trim':
        return this.#trim();
      case 'probe':
        this.#probe(ballast);
        return undefined;
    }
  }

  get #restrictions(): RestrictionBook {
    const tables = this.#tables;
    this.#keptRestrictions ??= new RestrictionBook(tables.restrictions(), tables, this.#options.time);
    return this.#keptRestrictions;
  }

  #load(name: string): OperationAnswer {
    const room = this.#room(name);
    this.#rooms.delete(name);
    this.#rooms.set(name, room);
    const answer = room.load(this.#options.history);
    room.listeners += 1;
    return answer;
  }

  /** Nobody asks for it twice: it takes effect once, whatever becomes of the transaction. */
  #unload(operations: readonly Operation[]): void {
    for (const operation of operations) {
      const room = operation.name === 'unload' ? this.#rooms.get(operation.room) : undefined;
      if (room) room.listeners -= 1;
    }
  }

  #find(name: string): SqliteRoom | undefined {
    const room = this.#rooms.get(name);
    if (!room) return undefined;
    room.recover();
    this.#concerned.add(room);
    return room;
  }

  #room(name: string): SqliteRoom {
    const known = this.#find(name);
    if (known) return known;
    const row = { id: this.#nextRoomId, name, epoch: newEpoch(), base_id: 0, last_timestamp: 0 };
    this.#tables.putRoom(row);
    this.#nextRoomId += 1;
    const room = new SqliteRoom(
      { row, headId: 0, lastTimestamp: 0, bytes: 0, sessions: [] },
      this.#tables,
      this.#options.time,
    );
    this.#rooms.set(name, room);
    this.#created.add(room);
    this.#concerned.add(room);
    return room;
  }

  #takeChanges(): PublishedChanges[] {
    const published: PublishedChanges[] = [];
    for (const room of this.#concerned) {
      const changes = room.ledger.takeChanges();
      if (changes.events.length > 0 || changes.endings.length > 0) {
        published.push({ room: room.name, ...changes });
      }
    }
    return published;
  }

  #rollback(): void {
    this.#tables.rollback();
    this.#keptRestrictions = undefined;
    for (const room of this.#forgotten) this.#rooms.set(room.name, room);
    for (const room of this.#created) this.#rooms.delete(room.name);
    for (const room of this.#concerned) room.rolledBack();
    // It may hold rooms that there are not.
    this.#trimQueue = [];
  }

  /** One step of retention, over some rooms. Whether there is more to do. */
  #trim(): boolean {
    if (this.#trimQueue.length === 0) {
      this.#restrictions.trim();
      this.#trimQueue = [...this.#rooms.values()].reverse();
    }
    let left = eventsPerStep;
    for (let looked = 0; looked < roomsPerStep && left > 0; looked++) {
      const room = this.#trimQueue.pop();
      if (!room) break;
      left -= this.#trimRoom(room, left);
      if (left <= 0) this.#trimQueue.push(room);
    }
    return left <= 0 || this.#trimQueue.length > 0 || this.#shrinkLargest(left);
  }

  /** Drops what one room is not to keep; the room too, if nothing is left of it. */
  #trimRoom(room: SqliteRoom, limit: number): number {
    const { history } = this.#options;
    room.recover();
    this.#concerned.add(room);
    const isSurplus = this.#rooms.size > maxRooms && !room.isInUse;
    const dropped = room.trim(history, isSurplus ? 0 : history.bytes, limit);
    if (!room.isInUse && room.length === 0 && this.#rooms.delete(room.name)) {
      this.#tables.dropRoom(room.id);
      this.#forgotten.add(room);
    }
    return dropped;
  }

  /** While all rooms together keep too much, the largest one gives up its oldest events. */
  #shrinkLargest(limit: number): boolean {
    let total = 0;
    let largest: SqliteRoom | undefined;
    for (const room of this.#rooms.values()) {
      total += room.bytes;
      if (!largest || room.bytes > largest.bytes) largest = room;
    }
    const excess = total - this.#options.maxTotalBytes;
    if (excess <= 0 || !largest) return false;
    largest.recover();
    this.#concerned.add(largest);
    const maxBytes = largest.bytes - Math.max(excess, largest.bytes * shrinkShare);
    return largest.trim(this.#options.history, Math.max(0, maxBytes), limit) > 0;
  }
}

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
import { RestrictionBook, type RestrictionChange } from '../restriction-book.ts';
import type { OpenDatabase } from './database.ts';
import { openMark } from './epochs.ts';
import { Erasure } from './erasure.ts';
import { isBug } from './faults.ts';
import type { Operation, OperationAnswer, PublishedChanges } from './protocol.ts';
import { Retention } from './retention.ts';
import { SqliteRooms } from './sqlite-rooms.ts';
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

// There must be room for so much before a file counts as one that can be written, or the next commit would fail again.
const ballast = ' '.repeat(32 * 1024);

export class SqliteEngine {
  readonly #open: OpenDatabase;
  readonly #options: EngineOptions;
  readonly #tables: Tables;
  readonly #log: WriteAheadLog;
  readonly #erasure: Erasure;
  readonly #rooms: SqliteRooms;
  readonly #retention: Retention;
  // Read from the file when it is first asked for, and after a transaction that was taken back.
  #keptRestrictions: RestrictionBook | undefined;

  constructor(open: OpenDatabase, options: EngineOptions) {
    this.#open = open;
    this.#options = options;
    this.#tables = new Tables(open.database);
    this.#log = new WriteAheadLog(open.database, open.isMarked, options.time);
    this.#erasure = new Erasure(open.database, this.#tables, this.#log, options.time);
    this.#rooms = new SqliteRooms(open.rooms, this.#tables, options.time);
    this.#retention = new Retention(this.#rooms, options);
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
      for (const operation of operations) if (operation.name === 'unload') this.#rooms.unload(operation.room);
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
      const restrictions = this.#keptRestrictions?.takeChanges() ?? [];
      return { answers, bugs, changes: this.#rooms.commit(), restrictions, isWritten };
    } catch (error) {
      this.#rollback();
      if (answers.length === operations.length) this.#writeOver(error);
      if (answers.length === operations.length || !isBug(error)) throw error;
      bugs.set(answers.length, error);
      return undefined;
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
        return this.#rooms.open(claim.room).ledger.open(claim, join, maxMembers);
      }
      case 'join':
        return this.#rooms.find(operation.room)?.ledger.join(operation.sessionId) ?? false;
      case 'close':
        this.#rooms
          .find(operation.room)
          ?.ledger.close(operation.sessionId, operation.reason, operation.detail);
        return undefined;
      case 'append':
        return (
          this.#rooms.find(operation.room)?.ledger.append(operation.drafts) ??
          operation.drafts.map(() => ({ outcome: 'session-gone' as const }))
        );
      case 'announce':
        return this.#rooms.open(operation.room).ledger.announce(operation.message);
      case 'redact': {
        const answer = this.#rooms.find(operation.room)?.ledger.redact(operation.target);
        if (answer?.outcome === 'redacted') this.#erasure.owe();
        return answer ?? { outcome: 'not-kept' };
      }
      case 'find':
        return this.#rooms.find(operation.room)?.ledger.find(operation.tokenHash) ?? null;
      case 'touch':
        for (const { room, sessionId } of operation.sessions) this.#rooms.find(room)?.ledger.touch(sessionId);
        return undefined;
      case 'renew':
        this.#rooms.find(operation.room)?.ledger.renewUser(operation.sessionId, operation.user);
        return undefined;
      case 'save':
        for (const { room, sessionId, position } of operation.positions) {
          this.#rooms.find(room)?.ledger.savePosition(sessionId, position);
        }
        return undefined;
      case 'expired':
        return operation.candidates.filter(({ room, sessionId }) =>
          this.#rooms.find(room)?.ledger.takeExpired(sessionId, operation.idleMs),
        );
      case 'restrictions':
        return this.#restrictions.all();
      case 'restrict':
        return this.#restrictions.put(operation.draft, operation.forMs);
      case 'lift':
        return this.#restrictions.remove(operation.id);
      case 'trim':
        if (this.#retention.isAtStart) this.#restrictions.trim();
        return this.#retention.step();
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
    const room = this.#rooms.load(name);
    const answer = room.load(this.#options.history);
    room.listeners += 1;
    return answer;
  }

  #rollback(): void {
    this.#tables.rollback();
    this.#keptRestrictions = undefined;
    this.#rooms.rollback();
    this.#retention.reset();
  }
}

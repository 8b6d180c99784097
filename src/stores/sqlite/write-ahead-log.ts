/**
 * The write-ahead log of a file that a server has open: written back between commits and always to its end, so that what
 * it holds is never older than the file (unless somebody reads meanwhile): a log that lost its end leaves the file as at
 * an earlier commit.
 */

import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { Time } from '../../core/clock.ts';
import { codeOf } from '../../core/errors.ts';

// So large it may grow before it is written back, and again after that has failed.
const ampleBytes = 4 * 1024 * 1024;
// Where writing back gave no room, it is not tried with each commit that fails.
const reliefPauseMs = 1_000;
// What keeps a commit from being written for lack of room.
const roomless = /^SQLITE_(?:FULL|IOERR_(?:WRITE|SHMSIZE))/;

interface Place {
  readonly dev: bigint;
  readonly ino: bigint;
}

export class WriteAheadLog {
  readonly #database: Database;
  readonly #time: Pick<Time, 'monotonic'>;
  readonly #files: readonly { readonly path: string; readonly place: Place | undefined }[];
  #limit: number;
  #uselessAt = Number.NEGATIVE_INFINITY;

  /** @param isMarked whether the file itself says already that a log belongs to it */
  constructor(database: Database, isMarked: boolean, time: Pick<Time, 'monotonic'>) {
    this.#database = database;
    this.#time = time;
    this.#limit = isMarked ? ampleBytes : 1;
    this.#files = [database.name, `${database.name}-wal`].map((path) => ({ path, place: placeOf(path) }));
  }

  /** Whether the file and its log are still where they were opened, and no others are there instead. */
  get isInPlace(): boolean {
    return this.#files.every(({ path, place }) => {
      const now = placeOf(path);
      return now?.dev === place?.dev && now?.ino === place?.ino;
    });
  }

  /**
   * Writes it back if it has grown large.
   * @throws what keeps it from that (a full disk): no failure, it goes on growing
   */
  writeBack(): void {
    if (this.#size < this.#limit) return;
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.#limit = this.#size + ampleBytes;
    }
  }

  /** The next time it is written back, however small it is. */
  hurry(): void {
    this.#limit = 1;
  }

  /**
   * Writes it back to its end and cuts it off.
   * @returns false if somebody who reads keeps it from that
   */
  cutOff(): boolean {
    const [result] = this.#database.pragma('wal_checkpoint(TRUNCATE)') as readonly { busy: number }[];
    return result?.busy === 0;
  }

  /**
   * What fills the disk may be the log itself: written back, it gives its room free.
   * @param error why a commit has failed
   * @returns whether there is more room now
   */
  relieves(error: unknown): boolean {
    if (!roomless.test(codeOf(error) ?? '')) return false;
    if (this.#time.monotonic() - this.#uselessAt < reliefPauseMs) return false;
    const size = this.#size;
    try {
      this.#limit = 1;
      this.writeBack();
    } catch {
      // That the commit has failed is said already.
    }
    if (this.#size < size) return true;
    this.#uselessAt = this.#time.monotonic();
    return false;
  }

  get #size(): number {
    return statSync(`${this.#database.name}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }
}

function placeOf(path: string): Place | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

/**
 * Opens a database file, or says in one line why not: then the file stays as it was.
 *
 * One server at a time may write it; others may read it meanwhile.
 */

import { chmodSync, existsSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { codeOf } from '../../core/errors.ts';
import { openMark, renewEpochs, uncleanMark } from './epochs.ts';
import { explained } from './explained.ts';
import { isDamage } from './faults.ts';
import { findLog, forgetFinding } from './found-log.ts';
import { checkStructure, Damage, type FoundRoom, inspect } from './inspect.ts';
import { lockOf, takeLock, unlessServed } from './lock.ts';
import { hasDatabase, isFilled, makeFolder, realPath, requireWritable } from './place.ts';
import { isForeign, Obstacle } from './refusal.ts';
import { applicationId, migrate, migrations, versionOf } from './schema.ts';

/** When a commit is done: once the disk has it, or once the operating system has it. */
export type Synchronous = 'full' | 'normal';

export interface OpenDatabase {
  readonly database: Database;
  /** What was there. */
  readonly rooms: readonly FoundRoom[];
  /** Commits that were acknowledged are gone from the end of its write-ahead log. */
  readonly isLost: boolean;
  /** Whether the file says that it is open; if not, it could not be written for now. */
  readonly isMarked: boolean;
  /** Says that the end is a clean one, and closes; a file that was abandoned stays as it is. */
  close(): void;
  /** Ends the writing of a damaged file: neither it nor its write-ahead log is touched again. It stays locked. */
  abandon(): void;
}

// How long to wait for somebody who reads.
const busyMs = 200;
const privateFile = 0o600;
// What keeps a file from being written for a while only.
const passing = /^SQLITE_(?:FULL|IOERR|CANTOPEN|BUSY)/;

/**
 * Opens a file for the one server that writes it; a file that is not there comes into being.
 * @throws StoreRefusal
 */
export function openDatabase(path: string, synchronous: Synchronous): OpenDatabase {
  return explained(path, 'writing', () => {
    makeFolder(path);
    const file = realPath(path);
    // A server of ours beside it may run in this very process: then the file must not be looked at without the lock.
    // If there was none yet, the file may be anybody's, and nothing is put beside it.
    if (!existsSync(lockOf(file))) hasDatabase(file);
    requireWritable(file);
    const lock = takeLock(file);
    try {
      return openLocked(file, synchronous, lock);
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

function openLocked(path: string, synchronous: Synchronous, lock: Database): OpenDatabase {
  let isNew = !hasDatabase(path);
  if (!isNew && existsSync(`${path}-journal`)) {
    takeBack(path);
    isNew = !hasDatabase(path);
  }
  const found = findLog(path);
  let rooms: readonly FoundRoom[] | undefined = isNew ? [] : examine(path);
  const database = new SqliteDatabase(path, { timeout: busyMs });
  try {
    if (isNew) chmodSync(path, privateFile);
    migrate(database);
    rooms ??= inspect(database);
    prepare(database);
    const renewed = renewEpochs(database, rooms, found);
    forgetFinding(path);
    const opened = openedDatabase(database, renewed, synchronous, lock);
    return { ...opened, isLost: found.isLost && !isNew };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens a file to read it, also while a server writes it. Nothing is left beside it by closing it again.
 * @throws StoreRefusal
 */
export function openForReading(path: string): Database {
  return explained(path, 'reading', () => {
    const file = realPath(path);
    // If the server runs in this very process, only SQLite may look into the file: see `hasDatabase`.
    const isThere = existsSync(lockOf(file)) ? isFilled(file) : hasDatabase(file);
    if (!isThere) throw new Obstacle(existsSync(file) ? 'is empty.' : 'is not there.');
    unlessServed(file, () => findLog(file));
    const database = openWithoutTrace(file);
    try {
      requireOurs(database);
      requireKnown(versionOf(database));
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** What a process did not bring to its end that was killed while it made the file, SQLite takes back. */
function takeBack(path: string): void {
  const database = new SqliteDatabase(path, { timeout: busyMs });
  try {
    versionOf(database);
  } finally {
    database.close();
  }
}

/** The rooms of a file; undefined if it has to be brought up to date first. */
function examine(path: string): FoundRoom[] | undefined {
  const database = openWithoutTrace(path);
  try {
    const version = versionOf(database);
    requireKnown(version);
    checkStructure(database);
    return version === migrations.length ? inspect(database) : undefined;
  } finally {
    database.close();
  }
}

/**
 * Opens a file that is there, so that closing it leaves everything as it was: whoever may write would write a WAL back,
 * as the last one, and delete it. If there is none, it is the other way round: who may only read would leave an empty
 * one behind.
 */
function openWithoutTrace(path: string): Database {
  const readonly = existsSync(`${path}-wal`);
  return new SqliteDatabase(path, { readonly, fileMustExist: true, timeout: busyMs });
}

/**
 * Closes what may write, so that the file and its WAL stay as they are: it is not the last one to close, and the last
 * one may not write (see above).
 */
function closeWithoutTrace(database: Database): void {
  if (!database.open) return;
  const last = new SqliteDatabase(database.name, { readonly: true, fileMustExist: true, timeout: busyMs });
  try {
    // Begins to use the WAL, and does so even if it says that the file is damaged.
    last.pragma('schema_version');
  } catch (error) {
    if (!isDamage(error)) throw error;
  } finally {
    database.close();
    last.close();
  }
}

function requireOurs(database: Database): void {
  if (database.pragma('application_id', { simple: true }) === applicationId) return;
  throw new Obstacle(isForeign);
}

function requireKnown(version: number): void {
  if (version > migrations.length) {
    throw new Obstacle(
      `was written by a newer Parlor (schema ${version}; this one knows up to ${migrations.length}); it was left as it is.`,
    );
  }
  if (version < 1) throw new Damage('it has no schema');
}

function prepare(database: Database): void {
  database.pragma('journal_mode = WAL');
  // The engine does it between commits, and to the end: see `checkpoint` there.
  database.pragma('wal_autocheckpoint = 0');
  // In KiB. Names and sessions are in memory anyway; with better-sqlite3's 16 MiB writing one saves a microsecond.
  database.pragma('cache_size = -2000');
  // What is redacted or no longer kept is overwritten.
  database.pragma('secure_delete = ON');
  database.pragma('trusted_schema = OFF');
  database.pragma('synchronous = FULL');
  // On macOS an fsync alone does not reach the disk.
  database.pragma('fullfsync = ON');
  database.pragma('checkpoint_fullfsync = ON');
}

function openedDatabase(
  database: Database,
  rooms: readonly FoundRoom[],
  synchronous: Synchronous,
  lock: Database,
): Omit<OpenDatabase, 'isLost'> {
  const mark = (name: string, value: string) =>
    database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(name, value);
  const isMarked = tolerantly(() => {
    mark(openMark, '1');
    // The file itself says from now on that a WAL belongs to it.
    database.pragma('wal_checkpoint(TRUNCATE)');
  });
  if (synchronous === 'normal') {
    // The disk has the mark before anything is written that it might lose.
    mark(uncleanMark, '1');
    database.pragma('synchronous = NORMAL');
  }
  let isAbandoned = false;
  return {
    database,
    rooms,
    isMarked,
    close() {
      if (isAbandoned) {
        closeWithoutTrace(database);
      } else {
        database.pragma('synchronous = FULL');
        tolerantly(() => {
          mark(openMark, '0');
          if (synchronous === 'normal') mark(uncleanMark, '0');
        });
        // As the last one it writes the whole WAL back into the file, and deletes it.
        database.close();
      }
      lock.close();
    },
    abandon() {
      isAbandoned = true;
      closeWithoutTrace(database);
    },
  };
}

/** Marks what can be marked: a full disk keeps nobody from reading, and what it has not taken counts as unclean. */
function tolerantly(mark: () => void): boolean {
  try {
    mark();
    return true;
  } catch (error) {
    if (!passing.test(codeOf(error) ?? '')) throw error;
    return false;
  }
}

/**
 * Opens a database file, or says in one line why not: then the file stays as it was.
 *
 * One server at a time: it holds an exclusive lock on a side file, which the operating system frees when the process
 * ends, however it ends. Others may read meanwhile.
 */

import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { renewEpochs, uncleanMark } from './epochs.ts';
import { checkStructure, Damage, type FoundRoom, inspect } from './inspect.ts';
import { StoreRefusal } from './refusal.ts';
import { applicationId, migrate, migrations, versionOf } from './schema.ts';

/** When a commit is done: once the disk has it, or once the operating system has it. */
export type Synchronous = 'full' | 'normal';

export interface OpenDatabase {
  readonly database: Database;
  /** What was there. */
  readonly rooms: readonly FoundRoom[];
  /** Says that the end is a clean one, and closes. */
  close(): void;
}

// The header of a file: "SQLite format 3\0", and at 68 the application.
const headerBytes = 100;
// How long to wait for somebody who reads.
const busyMs = 200;
const magic = 'SQLite format 3\0';
const applicationOffset = 68;
const privateFolder = 0o700;
const privateFile = 0o600;

/**
 * Opens a file for the one server that writes it; a file that is not there comes into being.
 * @throws StoreRefusal
 */
export function openDatabase(path: string, synchronous: Synchronous): OpenDatabase {
  return explained(path, () => {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true, mode: privateFolder });
    const isNew = !hasDatabase(path);
    accessSync(folder, constants.W_OK);
    if (existsSync(path)) accessSync(path, constants.W_OK);
    const lock = takeLock(path);
    try {
      // Read-only at first: a file that is refused stays as it was.
      let rooms: readonly FoundRoom[] | undefined = isNew ? [] : examine(path);
      const database = new SqliteDatabase(path, { timeout: busyMs });
      if (isNew) chmodSync(path, privateFile);
      try {
        migrate(database);
        rooms ??= inspect(database);
        prepare(database);
        return openedDatabase(database, renewEpochs(database, rooms), synchronous, lock);
      } catch (error) {
        database.close();
        throw error;
      }
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

/**
 * Opens a file to read it, also while a server writes it.
 * @throws StoreRefusal
 */
export function openForReading(path: string): Database {
  return explained(path, () => {
    if (!hasDatabase(path)) throw new StoreRefusal(`${path} is not there.`);
    const database = new SqliteDatabase(resolve(path), { readonly: true });
    requireKnown(path, versionOf(database));
    return database;
  });
}

/** Turns what SQLite and the file system say into one line. */
export function explained<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw refusalOf(path, error);
  }
}

/** Whether there is a database of ours; an empty file is as good as none. */
function hasDatabase(path: string): boolean {
  if (!existsSync(path)) return false;
  const header = Buffer.alloc(headerBytes);
  const file = openSync(path, 'r');
  const length = readSync(file, header, 0, headerBytes, 0);
  closeSync(file);
  if (length === 0) return false;
  const isOurs =
    length === headerBytes &&
    header.toString('latin1', 0, magic.length) === magic &&
    header.readUInt32BE(applicationOffset) === applicationId;
  if (!isOurs) throw new StoreRefusal(`${path} is not a database of Parlor; it was left as it is.`);
  return true;
}

/** The rooms of a file; undefined if it has to be brought up to date first. */
function examine(path: string): FoundRoom[] | undefined {
  const database = new SqliteDatabase(path, { readonly: true });
  try {
    const version = versionOf(database);
    requireKnown(path, version);
    checkStructure(database);
    return version === migrations.length ? inspect(database) : undefined;
  } finally {
    database.close();
  }
}

function requireKnown(path: string, version: number): void {
  if (version > migrations.length) {
    throw new StoreRefusal(
      `${path} was written by a newer Parlor (schema ${version}; this one knows up to ${migrations.length}); it was left as it is.`,
    );
  }
  if (version < 1) throw new Damage('it has no schema');
}

function takeLock(path: string): Database {
  const lock = new SqliteDatabase(`${path}-lock`, { timeout: 0 });
  try {
    chmodSync(`${path}-lock`, privateFile);
    // Nothing is ever written to it: the lock is the open transaction.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (codeOf(error) !== 'SQLITE_BUSY') throw error;
    throw new StoreRefusal(`${path} is in use by another server.`);
  }
}

function prepare(database: Database): void {
  database.pragma('journal_mode = WAL');
  // The engine does it between commits, and to the end: see `checkpoint` there.
  database.pragma('wal_autocheckpoint = 0');
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
): OpenDatabase {
  const setUnclean = (value: string) =>
    database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(uncleanMark, value);
  if (synchronous === 'normal') {
    // The disk has the mark before anything is written that it might lose.
    setUnclean('1');
    database.pragma('synchronous = NORMAL');
  }
  return {
    database,
    rooms,
    close() {
      database.pragma('synchronous = FULL');
      if (synchronous === 'normal') setUnclean('0');
      // As the last one it writes the whole log back into the file, and deletes it.
      database.close();
      lock.close();
    },
  };
}

function refusalOf(path: string, error: unknown): unknown {
  if (error instanceof StoreRefusal) return error;
  if (error instanceof Damage) return damaged(path, error.message);
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === undefined) return error;
  if (code === 'SQLITE_NOTADB') {
    return new StoreRefusal(`${path} is not a database of Parlor; it was left as it is.`);
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_ERROR' || code === 'SQLITE_FORMAT') {
    return damaged(path, message);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code.startsWith('SQLITE_READONLY')) {
    return new StoreRefusal(`${path} cannot be written by this user: ${message}.`);
  }
  return new StoreRefusal(`${path} cannot be opened: ${message} (${code}).`);
}

function damaged(path: string, what: string): StoreRefusal {
  return new StoreRefusal(
    `${path} is damaged (${what}); it was left as it is. Put a backup in its place, or move ${basename(path)} and what begins with its name away to begin anew.`,
  );
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

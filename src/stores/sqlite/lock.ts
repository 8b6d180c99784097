/**
 * Keeps a database file for one server: an exclusive lock on an empty file beside it, which the operating system frees
 * when the process ends, however it ends. Whoever only reads the database needs none.
 */

import { chmodSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { codeOf } from '../../core/errors.ts';
import { Obstacle } from './refusal.ts';

const privateFile = 0o600;

/** The file that is locked. */
export function lockOf(path: string): string {
  return `${path}-lock`;
}

/**
 * Takes the lock; closing what is returned frees it.
 * @throws Obstacle if another server has it
 */
export function takeLock(path: string): Database {
  const lock = new SqliteDatabase(lockOf(path), { timeout: 0 });
  try {
    chmodSync(lockOf(path), privateFile);
    // Nothing is ever written to it: the lock is the open transaction.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (codeOf(error) !== 'SQLITE_BUSY') throw error;
    throw new Obstacle('is in use by another server; stop that one, or name another file.');
  }
}

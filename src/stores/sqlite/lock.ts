/**
 * Keeps a database file for one server: an exclusive lock on an empty file beside it, which the operating system frees
 * when the process ends, however it ends. Whoever only reads the database needs none.
 */

import { chmodSync, existsSync } from 'node:fs';
import { basename } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { codeOf } from '../../core/errors.ts';
import { isDamage } from './faults.ts';
import { Obstacle } from './refusal.ts';

const privateFile = 0o600;
// Whoever reads holds it for a moment: see `unlessServed`.
const busyMs = 500;

/** The file that is locked. */
export function lockOf(path: string): string {
  return `${path}-lock`;
}

/**
 * Takes the lock; closing what is returned frees it.
 * @throws Obstacle if another server has it, or something else is in its place
 */
export function takeLock(path: string): Database {
  const lock = new SqliteDatabase(lockOf(path), { timeout: busyMs });
  try {
    // Nothing is ever written to it: the lock is the open transaction.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    chmodSync(lockOf(path), privateFile);
    return lock;
  } catch (error) {
    lock.close();
    throw obstacleOf(path, error);
  }
}

/**
 * Does something unless a server has the file, and keeps servers from it meanwhile: it is to be a moment.
 * @throws Obstacle if something else is in the place of the lock
 */
export function unlessServed(path: string, act: () => void): void {
  // No server of ours is without it.
  if (!existsSync(lockOf(path))) {
    act();
    return;
  }
  const lock = new SqliteDatabase(lockOf(path), { readonly: true, timeout: 0 });
  try {
    lock.exec('BEGIN; SELECT count(*) FROM sqlite_master');
  } catch (error) {
    lock.close();
    if (codeOf(error) === 'SQLITE_BUSY') return;
    throw obstacleOf(path, error);
  }
  try {
    act();
  } finally {
    lock.close();
  }
}

function obstacleOf(path: string, error: unknown): unknown {
  if (codeOf(error) === 'SQLITE_BUSY') {
    return new Obstacle('is in use by another server; stop that one, or name another file.');
  }
  if (!isDamage(error)) return error;
  return new Obstacle(
    `cannot be locked: ${basename(lockOf(path))} beside it is not empty, as a lock is; move it away.`,
  );
}

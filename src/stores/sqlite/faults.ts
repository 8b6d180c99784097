/** Whose fault it is that an operation failed: the disk's, the file's, or a bug of ours. */

import SqliteDatabase from 'better-sqlite3';
import { codeOf } from '../../core/errors.ts';

// What SQLite says of a statement that it should not have been given, whatever the disk does.
const misuses = /^SQLITE_(?:CONSTRAINT|MISMATCH|MISUSE|RANGE|TOOBIG)/;
const damages = /^SQLITE_(?:CORRUPT|NOTADB|FORMAT)/;

/** Whether it would fail again with the best of disks, and nothing else would. */
export function isBug(error: unknown): boolean {
  return !(error instanceof SqliteDatabase.SqliteError) || misuses.test(error.code);
}

/** Whether the file is no longer what was written: trying again does not help. */
export function isDamage(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && damages.test(error.code);
}

/** An error in words; with its stack, if it is a bug. */
export function wordsOfFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  const words = code === undefined ? error.message : `${error.message} (${code})`;
  return isBug(error) ? (error.stack ?? words) : words;
}

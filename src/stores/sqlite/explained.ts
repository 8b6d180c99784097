/** What SQLite and the file system say of a database file, in one line for whoever starts a server or a command. */

import { basename, dirname } from 'node:path';
import { codeOf } from '../../core/errors.ts';
import { StoreRefusal } from '../store-refusal.ts';
import { Damage } from './inspect.ts';
import { isForeign, Obstacle } from './refusal.ts';

/** What a file is opened for. */
type Purpose = 'reading' | 'writing';

/**
 * Does something with a file.
 * @throws StoreRefusal instead of what SQLite and the file system throw
 */
export function explained<T>(path: string, purpose: Purpose, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw refusalOf(path, purpose, error);
  }
}

function refusalOf(path: string, purpose: Purpose, error: unknown): unknown {
  if (error instanceof StoreRefusal) return error;
  if (error instanceof Obstacle) return new StoreRefusal(`${path} ${error.message}`);
  if (error instanceof Damage) return damaged(path, error.message);
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === undefined) return error;
  if (code === 'SQLITE_NOTADB') return new StoreRefusal(`${path} ${isForeign}`);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_ERROR' || code === 'SQLITE_FORMAT') {
    return damaged(path, message);
  }
  // That it may be written was seen before: then it is its own header that says otherwise.
  if (code === 'SQLITE_READONLY' && purpose === 'writing') return damaged(path, message);
  if (code === 'EROFS') return new StoreRefusal(`${path} is on a file system that cannot be written.`);
  if (code === 'EACCES' || code === 'EPERM' || code.startsWith('SQLITE_READONLY')) {
    return forbidden(path, purpose, message);
  }
  if (code === 'SQLITE_CANTOPEN' && purpose === 'reading') return forbidden(path, purpose, message);
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new StoreRefusal(
      `${path} cannot be ${purpose === 'writing' ? 'made' : 'read'}: ${dirname(path)} is not a folder.`,
    );
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return new StoreRefusal(`${path} is locked by another program; close that one.`);
  }
  return new StoreRefusal(`${path} cannot be opened: ${message} (${code}).`);
}

function forbidden(path: string, purpose: Purpose, message: string): StoreRefusal {
  return new StoreRefusal(
    purpose === 'writing'
      ? `${path} cannot be written by this user: ${message}. The file and its folder must be the user’s own.`
      : `${path} cannot be read by this user: ${message}. Let the server’s user do it.`,
  );
}

/** What is said of a file that turns out to be damaged while a server has it open. */
export function foundDamaged(path: string, cause: string): string {
  return `${path} is damaged (${cause}); nothing is written to it any more. End the server. ${cureOf(path)}`;
}

/** What is said of a file that can be used, but has lost commits. */
export function withLostEnd(path: string): string {
  return `${path} has lost what was committed last: the end of its write-ahead log is gone. Its rooms go on from before that, with new epochs.`;
}

function damaged(path: string, cause: string): StoreRefusal {
  // SQLite quotes what it has read.
  const what = cause.replaceAll(/[\p{C}\s]+/gu, ' ');
  return new StoreRefusal(`${path} is damaged (${what}); it was left as it is. ${cureOf(path)}`);
}

function cureOf(path: string): string {
  return `Put a backup in its place, or move ${basename(path)} and what begins with its name away to begin anew.`;
}

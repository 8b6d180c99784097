/** Where a database file is, and what stands there before anything opens it. */

import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isForeign, Obstacle } from './refusal.ts';
import { applicationId } from './schema.ts';

// The header of a file: "SQLite format 3\0", and at 68 the application.
const headerBytes = 100;
const magic = 'SQLite format 3\0';
const applicationOffset = 68;
const privateFolder = 0o700;

/**
 * Makes the folder of a file, and those around it, unless they are there. One that is there stays as it is.
 * @throws Obstacle if the file could not be made
 */
export function makeFolder(path: string): void {
  requireExactName(path);
  make(dirname(path));
}

/** One by one: where none can be made, as in /proc, Node's `recursive` never ends. */
function make(folder: string): void {
  if (isFolder(folder)) return;
  make(dirname(folder));
  try {
    mkdirSync(folder, { mode: privateFolder });
  } catch (error) {
    // Another server may have been faster.
    if (isFolder(folder)) return;
    throw error;
  }
  // Whatever the umask takes away is given again.
  chmodSync(folder, privateFolder);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * SQLite's library cuts white space off the name that it is given, and would open another file.
 * @throws Obstacle
 */
function requireExactName(path: string): void {
  if (path === path.trim()) return;
  throw new Obstacle('has a name that begins or ends with white space; name another file.');
}

/**
 * The file itself, wherever links lead: beside it stand its write-ahead log and the lock, however it is called.
 * @throws Obstacle
 */
export function realPath(path: string): string {
  requireExactName(path);
  if (existsSync(path)) {
    const real = realpathSync(path);
    requireExactName(real);
    return real;
  }
  if (lstatSync(path, { throwIfNoEntry: false })) {
    throw new Obstacle('is a link to something that is not there; remove the link, or make what it names.');
  }
  const folder = dirname(path);
  if (!existsSync(folder)) throw new Obstacle('is not there.');
  return join(realpathSync(folder), basename(path));
}

/** @throws what the file system says if the file, or what stands beside it, may not be written */
export function requireWritable(path: string): void {
  accessSync(dirname(path), constants.W_OK);
  if (existsSync(path)) accessSync(path, constants.W_OK);
}

/**
 * Whether there is a database of ours; an empty file is as good as none.
 *
 * Not to be asked of a file that this process has open: closing it would free all locks that the process has on it.
 *
 * @throws Obstacle if there is something else
 */
export function hasDatabase(path: string): boolean {
  if (!isFilled(path)) return false;
  const header = readHeader(path);
  if (!isOurs(header) && !isHalfMade(path, header)) throw new Obstacle(isForeign);
  return true;
}

/**
 * Whether there is a file with something in it, which is not looked into.
 * @throws Obstacle if it is no file, or if only its write-ahead log is there
 */
export function isFilled(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || (found.isFile() && found.size === 0)) {
    requireNoLog(path, found ? 'is empty' : 'is not there');
    return false;
  }
  if (found.isDirectory()) throw new Obstacle('is a folder; name a file in it.');
  if (!found.isFile()) throw new Obstacle('is not a file.');
  return true;
}

/** SQLite would delete the write-ahead log of a file that is gone, with what was said last in it. */
function requireNoLog(path: string, what: string): void {
  const log = `${path}-wal`;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  throw new Obstacle(
    `${what}, but its write-ahead log ${basename(log)} is there; put both back, or move that away to begin anew.`,
  );
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(headerBytes);
  const file = openSync(path, 'r');
  try {
    return header.subarray(0, readSync(file, header, 0, headerBytes, 0));
  } finally {
    closeSync(file);
  }
}

function isOurs(header: Buffer): boolean {
  return (
    header.length === headerBytes &&
    header.toString('latin1', 0, magic.length) === magic &&
    header.readUInt32BE(applicationOffset) === applicationId
  );
}

/** Whoever made the file was killed before its first page was written; the journal says what to take back. */
function isHalfMade(path: string, header: Buffer): boolean {
  return header.every((byte) => byte === 0) && existsSync(`${path}-journal`);
}

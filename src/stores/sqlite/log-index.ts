/**
 * What the index of a write-ahead log (WAL) says of it. The index is SQLite's `-shm`: memory that processes share, so that a
 * killed one leaves it behind as it was. The first process that opens the file afterwards makes it anew from the WAL:
 * if it then holds less, the WAL has lost commits that were acknowledged.
 *
 * After a loss of power the index may be older than the WAL; that is no loss.
 *
 * Its format: https://sqlite.org/walformat.html#the_wal_index_file_format
 */

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';

export interface LogIndex {
  /** How many frames are committed. */
  readonly frames: number;
  /** What the WAL is marked with; the first one is raised each time that the WAL begins anew. */
  readonly salts: readonly [number, number];
}

// The header stands there twice.
const headerBytes = 48;
const version = 3_007_000;
const framesOffset = 16;
const saltsOffset = 32;

/**
 * The index of a file's WAL; undefined if there is none, or its owner was interrupted in writing it.
 *
 * Not to be asked while this process has the file open: closing the index would free its locks.
 */
export function readLogIndex(path: string): LogIndex | undefined {
  const index = `${path}-shm`;
  if (!existsSync(index)) return undefined;
  const both = Buffer.alloc(2 * headerBytes);
  const file = openSync(index, 'r');
  try {
    if (readSync(file, both, 0, both.length, 0) < both.length) return undefined;
  } finally {
    closeSync(file);
  }
  const read = (offset: number) =>
    endianness() === 'LE' ? both.readUInt32LE(offset) : both.readUInt32BE(offset);
  if (read(0) !== version || !both.subarray(0, headerBytes).equals(both.subarray(headerBytes)))
    return undefined;
  // The salts are as they stand in the WAL.
  const salts = [both.readUInt32BE(saltsOffset), both.readUInt32BE(saltsOffset + 4)] as const;
  return { frames: read(framesOffset), salts };
}

/**
 * Whether the WAL has lost frames that were committed.
 * @param before as it was found
 * @param now as it was made anew
 */
export function hasLostFrames(before: LogIndex | undefined, now: LogIndex | undefined): boolean {
  if (!before || before.frames === 0) return false;
  if (!now || now.frames === 0) return true;
  const isSame = before.salts[0] === now.salts[0] && before.salts[1] === now.salts[1];
  if (isSame) return now.frames < before.frames;
  // A later WAL than the one that the index knew.
  const isLater = (now.salts[0] - before.salts[0]) >>> 0 < 2 ** 31;
  return !isLater;
}

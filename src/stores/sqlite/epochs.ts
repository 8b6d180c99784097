/** Epochs of rooms: a new one wherever ids that clients have seen might be given again [LOG-2]. */

import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { FoundRoom } from './inspect.ts';
import { Tables } from './tables.ts';

/** In `meta`: whether a server wrote without waiting for the disk, and has not ended cleanly since. */
export const uncleanMark = 'unclean-normal';
/** In `meta`: whether the file is a copy that no server has opened yet. */
export const backupMark = 'backup';

const epochBytes = 6;

export function newEpoch(): string {
  return randomBytes(epochBytes).toString('hex');
}

/** Gives every room of a file a new epoch if ids might be given again there. */
export function renewEpochs(database: Database, rooms: readonly FoundRoom[]): readonly FoundRoom[] {
  const isMarked = database
    .prepare<[string, string], string>(`SELECT name FROM meta WHERE name IN (?, ?) AND value = '1'`)
    .pluck()
    .all(uncleanMark, backupMark);
  if (isMarked.length === 0) return rooms;
  const tables = new Tables(database);
  return database.transaction(() => {
    for (const mark of isMarked) tables.setMeta(mark, '0');
    return rooms.map((room) => {
      const row = { ...room.row, epoch: newEpoch() };
      tables.putRoom(row);
      return { ...room, row };
    });
  })();
}

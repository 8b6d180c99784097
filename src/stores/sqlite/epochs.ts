/** Epochs of rooms: a new one wherever ids that clients have seen might be given again [LOG-2]. */

import type { Database } from 'better-sqlite3';
import { newEpoch } from '../new-epoch.ts';
import type { FoundLog } from './found-log.ts';
import type { FoundRoom } from './inspect.ts';
import { Tables } from './tables.ts';

/** In `meta`: whether a server wrote without waiting for the disk, and has not ended cleanly since. */
export const uncleanMark = 'unclean-normal';
/** In `meta`: whether the file is a copy that no server has opened yet. */
export const backupMark = 'backup';

/** In `meta`: whether a server has the file open, or has not ended cleanly since. */
export const openMark = 'open';

/**
 * Gives every room of a file a new epoch if ids might be given again there: what came after them is lost, or goes on
 * elsewhere. A file that was open without its write-ahead log is a copy, or has lost it.
 */
export function renewEpochs(
  database: Database,
  rooms: readonly FoundRoom[],
  { isLost, hasLog }: FoundLog,
): readonly FoundRoom[] {
  const marks = database
    .prepare<[], string>(`SELECT name FROM meta WHERE value = '1'`)
    .pluck()
    .all()
    .filter((name) => name === uncleanMark || name === backupMark || name === openMark);
  const isOld = marks.some((name) => name !== openMark || !hasLog);
  if (!isOld && !isLost) return rooms;
  const tables = new Tables(database);
  return database.transaction(() => {
    for (const mark of marks) tables.setMeta(mark, '0');
    return rooms.map((room) => {
      const row = { ...room.row, epoch: newEpoch() };
      tables.putRoom(row);
      return { ...room, row };
    });
  })();
}

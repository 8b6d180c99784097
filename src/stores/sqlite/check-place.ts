/** Whether a server could have its database at a place, as far as that shows without making or locking anything there. */

import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { openForReading } from './database.ts';
import { explained } from './explained.ts';
import { isFilled, realPath, requireWritable } from './place.ts';
import { Obstacle } from './refusal.ts';

/**
 * A server may run on it meanwhile.
 * @throws StoreRefusal if no server could
 */
export function checkPlace(path: string): void {
  const hasContent = explained(path, 'writing', () => {
    const folder = nearestFolder(path);
    accessSync(folder, constants.W_OK | constants.X_OK);
    // Where a folder is missing, nothing of it can be there.
    if (folder !== dirname(path)) return false;
    const file = realPath(path);
    requireWritable(file);
    return isFilled(file);
  });
  if (hasContent) openForReading(path).close();
}

/** The folder of a file, or the one in which that would be made. */
function nearestFolder(path: string): string {
  const folder = dirname(path);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return folder;
  if (found || folder === path) throw new Obstacle(`cannot be made: ${folder} is not a folder.`);
  return nearestFolder(folder);
}

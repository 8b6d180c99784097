/** Epochs of rooms: as long as nobody guesses or repeats one [LOG-2]. */

import { randomBytes } from 'node:crypto';

const epochBytes = 6;

/** An epoch that no room has had. */
export function newEpoch(): string {
  return randomBytes(epochBytes).toString('hex');
}

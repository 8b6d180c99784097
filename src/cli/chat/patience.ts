/** When to give up a server that was there before. */

import type { RoomClient } from '../../client/index.ts';
import { Failure } from '../failure.ts';
import { notReached } from './exit-codes.ts';

/**
 * Rejects once nothing could be said for so long: without a connection, or because the server can save nothing.
 *
 * @param patienceMs undefined: never
 */
export function endOfPatience(client: RoomClient, patienceMs: number | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (patienceMs === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    let isConnected = false;
    let isAway = false;
    const look = () => {
      if (isConnected && !isAway) {
        clearTimeout(timer);
        timer = undefined;
      } else {
        timer ??= setTimeout(() => {
          const seconds = patienceMs / 1000;
          reject(new Failure(`The server was out of reach for ${seconds} s (--timeout).`, notReached));
        }, patienceMs);
      }
    };
    client.on('state', (state) => {
      isConnected = state === 'live' || state === 'polling';
      look();
    });
    client.on('store', (isAwayNow) => {
      isAway = isAwayNow;
      look();
    });
  });
}

/** Tells in a line what happens to the connection; what passes in a moment is not worth one. */

import type { RoomClient } from '../../client/index.ts';

/**
 * @param say prints a line
 * @param isPull polling is what was asked for
 */
export function tellConnection(client: RoomClient, say: (text: string) => void, isPull: boolean): void {
  let isLost = false;
  let isAway = false;
  let isPolling = isPull;
  client.on('state', (state, { retryAt = Date.now() }) => {
    if (state === 'offline' && !isLost) {
      isLost = true;
      const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
      say(`connection lost, trying again in ${seconds} s; what you send meanwhile is kept`);
    }
    if (state !== 'live' && state !== 'polling') return;
    if (isLost) say('back');
    isLost = false;
    if (state === 'polling' && !isPolling) say('no stream could be had; asking for news instead');
    if (state === 'live' && isPolling && !isPull) say('the stream is back');
    isPolling = isPull || state === 'polling';
  });
  client.on('store', (isAwayNow) => {
    if (isAwayNow !== isAway) say(isAwayNow ? storeAway : 'the server can save messages again');
    isAway = isAwayNow;
  });
}

const storeAway = 'the server cannot save messages at the moment; what you send is kept until it can';

/** What is said where events are missing. */
export function gapText(lost: number | null): string {
  // A server that has gone bad may send anything.
  if (lost !== null && typeof lost !== 'number') return 'some events are lost here';
  if (lost === null) return 'the room began anew; what was said before is lost';
  return lost === 1 ? '1 event is lost here' : `${lost} events are lost here`;
}

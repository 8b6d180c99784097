/** Reads a room's log as the thread hands it over: lines of JSON, in blocks. */

import { setImmediate } from 'node:timers/promises';
import { type ChatRoomEvent, type EncodedEvent, utf8Length } from '../../core/events.ts';

/** One block per turn of the event loop, so that others are served in between. */
export async function readBlocks(blocks: readonly Uint8Array[]): Promise<EncodedEvent[]> {
  const events: EncodedEvent[] = [];
  // A BOM is text like any other here.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const [index, block] of blocks.entries()) {
    if (index > 0) await setImmediate();
    for (const json of decoder.decode(block).split('\n')) {
      const event: ChatRoomEvent = JSON.parse(json);
      events.push({ event, json, bytes: utf8Length(json) });
    }
  }
  return events;
}

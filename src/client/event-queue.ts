/** The room's events for `for await`: they wait until they are asked for, and what cannot wait is told as a gap. */

import { maxWaiting } from './bounds.ts';
import type { Listeners } from './listeners.ts';
import type { ClientState, RoomNews } from './news.ts';
import type { ChatRoomEvent } from './wire.ts';

/** Events that were missed: by the log's bounds, or because the loop was too slow. */
export interface Gap {
  readonly type: 'gap';
  /** How many events; null: all there were, or nobody knows. */
  readonly lost: number | null;
}

/** Events and gaps from now on until the client has ended; what waits then is still given out. */
export async function* eventsOf(
  client: Listeners<RoomNews> & { readonly state: ClientState },
): AsyncGenerator<ChatRoomEvent | Gap, void, void> {
  let waiting: (ChatRoomEvent | Gap)[] = [];
  let wake = () => {};
  const push = (events: readonly (ChatRoomEvent | Gap)[]) => {
    waiting.push(...events);
    if (waiting.length > maxWaiting) waiting = [{ type: 'gap', lost: null }];
    wake();
  };
  const unlisten = [
    client.on('begin', push),
    client.on('events', push),
    client.on('gap', (lost) => push([{ type: 'gap', lost }])),
    client.on('state', () => wake()),
  ];
  try {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (client.state === 'ended') return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    for (const end of unlisten) end();
  }
}

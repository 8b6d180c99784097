/** Which entries of the log belong together on the page. */

import { speechActOf } from '../../client/speech-act.ts';
import type { ChatRoomEvent } from '../../client/wire.ts';

/** A pause after which a name is shown again. */
const pauseMs = 5 * 60_000;

/** Whether two moments lie on the same day, where the reader is. */
export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** Whether `next` goes on where `previous` stopped, so that its name need not be repeated. */
export function continues(previous: ChatRoomEvent | undefined, next: ChatRoomEvent): boolean {
  return (
    previous?.type === 'message' &&
    next.type === 'message' &&
    previous.name === next.name &&
    next.timestamp - previous.timestamp < pauseMs &&
    isSameDay(previous.timestamp, next.timestamp) &&
    // An action is a sentence about its person: it has the name in it, and what follows does not go on with it.
    !speechActOf(previous.message).isAction &&
    !speechActOf(next.message).isAction
  );
}

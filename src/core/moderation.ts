/** What an operator, or the embedding application, may do to the log of a room beside its members: add to it, take out of it. */

import type { ChatRoom } from './chat-room.ts';
import { ChatError } from './errors.ts';
import { validateMessage } from './messages.ts';
import type { LogPlace } from './store.ts';

/**
 * Says something to everybody in the room, in nobody's name. No limit and no hook is asked: whoever may do this may.
 * @param maxBytes how long it may be, as a message
 * @throws ChatError `invalid-message`, `unavailable`
 */
export async function announce(room: ChatRoom, text: string, maxBytes: number): Promise<LogPlace> {
  const { id, timestamp } = await room.announce(validateMessage(text, { maxBytes }));
  return { id, timestamp };
}

/**
 * Takes the text out of a message or announcement for good [LOG-4]. Again: the same answer.
 * @returns where the redaction stands
 * @throws ChatError `not-found`, `unavailable`
 */
export async function redact(room: ChatRoom, target: number): Promise<LogPlace> {
  const answer = Number.isSafeInteger(target)
    ? await room.redact(target)
    : ({ outcome: 'not-kept' } as const);
  switch (answer.outcome) {
    case 'redacted':
    case 'repeated':
      return { id: answer.id, timestamp: answer.timestamp };
    case 'not-kept':
      throw new ChatError('not-found', `Room ${room.name} keeps no event ${target} (any more).`);
    case 'no-text':
      throw new ChatError(
        'not-found',
        `Event ${target} of room ${room.name} is no message and no announcement: it has no text.`,
      );
  }
}

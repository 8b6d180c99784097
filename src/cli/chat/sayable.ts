/** What the server will not have, known before it is asked: too many refusals end a stay. */

import type { RoomClient } from '../../client/index.ts';
import { ChatError } from '../../core/errors.ts';
import { validateMessage } from '../../core/messages.ts';

/** What is wrong with a message, as a sentence; undefined: nothing. */
export function wrongWith(text: string, { session }: RoomClient): string | undefined {
  try {
    validateMessage(text, { maxBytes: session?.maxMessageBytes ?? Number.POSITIVE_INFINITY });
    return undefined;
  } catch (error) {
    if (error instanceof ChatError) return error.message;
    throw error;
  }
}

/** What `history` answers, whoever may ask for it. */

import type { Static } from '@sinclair/typebox';
import type { ChatRoom } from '../core/chat-room.ts';
import { ChatError } from '../core/errors.ts';
import { maxAnswerBytes, readingJson } from '../delivery/reading-json.ts';
import { defaultPageLimit } from '../schemas/page-limits.ts';
import type { HistoryQuery } from '../schemas/room.ts';
import { requirePosition } from './positions.ts';

/**
 * Reads the query before anybody looks for the room.
 * @throws ChatError if it makes no sense
 * @returns what makes the answer, as JSON
 */
export function historyReader({
  before,
  after,
  limit = defaultPageLimit,
}: Static<typeof HistoryQuery>): (room: ChatRoom) => Promise<string> {
  if (before !== undefined && after !== undefined) {
    throw new ChatError('invalid-request', 'query: expected either before or after; got both.');
  }
  const start = requirePosition(after);
  const end = requirePosition(before);
  const page = { events: limit, bytes: maxAnswerBytes };
  return async (room) => {
    await room.reach(start ?? end);
    const { log } = room;
    return readingJson(start === undefined ? log.before(end, page) : log.since(start, page));
  };
}

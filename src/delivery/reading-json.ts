/** What a log answers, as JSON: put together from the events' own JSON, nothing encoded twice [LOG-6]. */

import { formatCursor } from '../core/cursor.ts';
import type { Reading } from '../core/event-log.ts';

/** Beside `limit` events, an answer holds at most this many bytes of them, and always one. */
export const maxAnswerBytes = 1024 * 1024;

/** `{events, cursor, more}`, after a gap `lost` and `users`, and `notices`, which are JSON, if there are any. */
export function readingJson({ events, cursor, more, gap }: Reading, notices?: readonly string[]): string {
  const list = events.map((entry) => entry.json).join(',');
  const told = gap ? `,"lost":${gap.lost},"users":${gap.roster.toJson()}` : '';
  const own = notices && notices.length > 0 ? `,"notices":[${notices.join(',')}]` : '';
  return `{"events":[${list}],"cursor":"${formatCursor(cursor)}","more":${more}${told}${own}}`;
}

/** What a log answers, as JSON: put together from the events' own JSON, nothing encoded twice [LOG-6]. */

import { formatCursor } from '../core/cursor.ts';
import type { Reading } from '../core/event-log.ts';

/** Beside `limit` events, an answer holds at most this many bytes of them, and always one. */
export const maxAnswerBytes = 1024 * 1024;

/** `{events, cursor, more}`, and after a gap `lost` and `users`. */
export function readingJson({ events, cursor, more, gap }: Reading): string {
  const list = events.map((entry) => entry.json).join(',');
  const told = gap ? `,"lost":${gap.lost},"users":${gap.roster.toJson()}` : '';
  return `{"events":[${list}],"cursor":"${formatCursor(cursor)}","more":${more}${told}}`;
}

/** Cursors as they come in. */

import type { Position } from '../core/cursor.ts';
import { parsePosition } from '../core/cursor.ts';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';

/** @throws ChatError `invalid-request` for an unreadable cursor */
export function requirePosition(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  const position = parsePosition(text);
  if (position) return position;
  throw new ChatError('invalid-request', `Expected a cursor such as 7f3a-42, or 0; got ${quote(text)}.`);
}

/** On streams an unreadable cursor is a gap [LOG-2]: a position in a log that never was. */
export function positionOrGap(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  return parsePosition(text) ?? { epoch: '', id: 0 };
}

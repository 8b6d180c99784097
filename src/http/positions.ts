/** Cursors as they come in. */

import type { FastifyRequest } from 'fastify';
import { type Position, parsePosition } from '../core/cursor.ts';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';

/** @throws ChatError `invalid-request` for an unreadable cursor */
export function requirePosition(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  const position = parsePosition(text);
  if (position) return position;
  throw new ChatError('invalid-request', `Expected a cursor such as 7f3a-42, or 0; got ${quote(text)}.`);
}

/** Where a stream broke off, as EventSource tells when it reconnects; it wins over the address. */
export function lastEventIdOf(request: FastifyRequest): string | undefined {
  const id = request.headers['last-event-id'];
  // An empty one is how a client says that it has none.
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** On streams an unreadable cursor is a gap [LOG-2]: a position in a log that never was. */
export function positionOrGap(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  return parsePosition(text) ?? { epoch: '', id: 0 };
}

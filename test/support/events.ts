/** Events for tests of what holds or reads them. */

import type { LogSnapshot } from '../../src/core/event-log.ts';
import { type EncodedEvent, type EventDraft, encodeEvent, eventOf } from '../../src/core/events.ts';

/** An event whose timestamp is its id, if none is given. */
export function entry(id: number, draft: EventDraft, timestamp = id): EncodedEvent {
  return encodeEvent(eventOf(id, timestamp, draft));
}

export function message(text: string, name = 'Ada'): EventDraft {
  return { type: 'message', name, message: text };
}

export function emptyLog(epoch = 'e1'): LogSnapshot {
  return { epoch, baseId: 0, users: [], events: [] };
}

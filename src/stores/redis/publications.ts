/** What a room's log and its channel carry: whatever is none of this version is left to others, and told as a gap. */

import { endings, type SessionEndReason } from '../../core/endings.ts';
import { type EncodedEvent, encodeEvent, redactedOf, type TextEvent } from '../../core/events.ts';
import { listOf, MalformedReply, numberOf, type Reply, textOf } from './reply.ts';

/** What a room's channel carries. */
export interface Publication {
  readonly epoch: string;
  readonly pub: number;
  readonly events: readonly EncodedEvent[];
  readonly endings: readonly PublishedEnding[];
}

export interface PublishedEnding {
  /** Of its entry in the stream of endings. */
  readonly entry: string;
  readonly sessionId: string;
  readonly reason: SessionEndReason;
  readonly detail: string | undefined;
}

/**
 * Reads a publication.
 * @returns undefined if it is none, or has an event that cannot be read: then the log itself tells
 */
export function publicationOf(text: string): Publication | undefined {
  try {
    const { epoch, pub, events, endings: ended } = JSON.parse(text) as Record<string, Reply>;
    return {
      epoch: textOf(epoch),
      pub: numberOf(pub),
      // An empty list is an empty object to the script.
      events: (Array.isArray(events) ? events : []).map(publishedEvent),
      endings: (Array.isArray(ended) ? ended : []).map(endingOfEntry),
    };
  } catch {
    return undefined;
  }
}

/**
 * An event from its entry in the stream.
 * @returns undefined if that is none of this version
 */
export function eventOfEntry(id: number, list: readonly Reply[]): EncodedEvent | undefined {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [field, value] = [list[i], list[i + 1]];
    if (typeof field === 'string' && typeof value === 'string') fields.set(field, value);
  }
  const timestamp = Number(fields.get('time'));
  if (!Number.isSafeInteger(id) || id < 1 || !Number.isSafeInteger(timestamp)) return undefined;
  const type = fields.get('type');
  const name = fields.get('name');
  const message = fields.get('message');
  const key = fields.get('key');
  const target = Number(fields.get('target'));
  const isRedacted = fields.has('redaction');
  switch (type) {
    case 'join':
    case 'leave':
      return name === undefined ? undefined : encodeEvent({ id, type, timestamp, name });
    case 'message':
      if (name === undefined || message === undefined) return undefined;
      return encoded(
        key === undefined
          ? { id, type, timestamp, name, message }
          : { id, type, timestamp, name, message, key },
        isRedacted,
      );
    case 'announcement':
      return message === undefined ? undefined : encoded({ id, type, timestamp, message }, isRedacted);
    case 'redaction':
      return Number.isSafeInteger(target) ? encodeEvent({ id, type, timestamp, target }) : undefined;
    default:
      return undefined;
  }
}

function encoded(event: TextEvent, isRedacted: boolean): EncodedEvent {
  return encodeEvent(isRedacted ? redactedOf(event) : event);
}

export function isEndReason(text: string): text is SessionEndReason {
  return Object.hasOwn(endings, text);
}

function publishedEvent(reply: Reply): EncodedEvent {
  const [id, list] = listOf(reply);
  const event = eventOfEntry(numberOf(id), listOf(list));
  if (!event) throw new MalformedReply('An event that cannot be read.');
  return event;
}

function endingOfEntry(reply: Reply): PublishedEnding {
  const [entry = '', sessionId = '', reason = '', detail = ''] = listOf(reply).map(textOf);
  if (!isEndReason(reason)) throw new MalformedReply('An ending that is none.');
  return { entry, sessionId, reason, detail: detail === '' ? undefined : detail };
}

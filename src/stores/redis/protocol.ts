/** What the room script is asked and what it answers, as text both ways: whatever does not fit is the store's fault, or damage. */

import type { User } from '../../core/authenticator.ts';
import { type Cursor, parsePosition } from '../../core/cursor.ts';
import { endings, type SessionEndReason } from '../../core/endings.ts';
import { type EncodedEvent, encodeEvent, redactedOf, type TextEvent, utf8Length } from '../../core/events.ts';
import type { Delivery, KnownEnding, SessionClaim, SessionRecord } from '../../core/store.ts';

/** What Redis answers: text, whole numbers, and lists of them. */
export type Reply = string | number | null | readonly Reply[];

/** An answer that no script of this version gives. */
export class MalformedReply extends Error {
  override readonly name = 'MalformedReply';
}

/** Where a room stood after a batch. */
export interface Mark {
  /** Empty if nothing is known of the room. */
  readonly epoch: string;
  readonly head: number;
  /** The number of its latest publication. */
  readonly pub: number;
}

/** What of a session never changes, as it stands in Redis. */
interface StaticClaim {
  readonly name: string;
  readonly nameKey: string;
  readonly delivery: Delivery;
  readonly createdAt: number;
}

export function textOf(reply: Reply | undefined): string {
  if (typeof reply !== 'string')
    throw new MalformedReply(`Redis answered ${typeof reply} where text was expected.`);
  return reply;
}

export function listOf(reply: Reply | undefined): readonly Reply[] {
  if (!Array.isArray(reply))
    throw new MalformedReply(`Redis answered ${typeof reply} where a list was expected.`);
  return reply;
}

export function numberOf(reply: Reply | undefined): number {
  const number = Number(textOf(reply));
  if (!Number.isSafeInteger(number))
    throw new MalformedReply('Redis answered text where a number was expected.');
  return number;
}

/** Bytes of a text within a JSON string. */
export function jsonBytes(text: string): number {
  return utf8Length(JSON.stringify(text)) - 2;
}

/** A user in the script: an empty text is nobody. */
export function userField(user: User | null): string {
  return user ? `u${user.id}` : '';
}

function keyField(createKey: string | null): string {
  return createKey === null ? '' : `k${createKey}`;
}

export function openArguments(claim: SessionClaim, join: boolean, maxMembers: number): string[] {
  const { sessionId, tokenHash, name, nameKey, user, delivery, createdAt, createKey } = claim;
  const fixed: StaticClaim = { name, nameKey, delivery, createdAt };
  return [
    sessionId,
    JSON.stringify(fixed),
    JSON.stringify(user),
    tokenHash,
    nameKey,
    name,
    `${jsonBytes(name)}`,
    userField(user),
    keyField(createKey),
    join ? '1' : '0',
    `${maxMembers}`,
    delivery,
  ];
}

/** @throws MalformedReply */
export function recordOf(room: string, sessionId: string, reply: Reply | undefined): SessionRecord {
  const [fixed = '', tokenHash = '', joined, createKey, epoch = '', startId, position, , user = ''] =
    listOf(reply).map(textOf);
  const { name, nameKey, delivery, createdAt } = parsed<StaticClaim>(fixed);
  const start: Cursor = { epoch, id: numberOf(startId) };
  const saved = position ? parsePosition(position) : undefined;
  return {
    room,
    sessionId,
    tokenHash,
    name,
    nameKey,
    user: parsed<User | null>(user),
    delivery,
    createdAt,
    createKey: createKey ? createKey.slice(1) : null,
    isJoined: joined === '1',
    start,
    position: saved === undefined || saved === 'start' ? start : saved,
  };
}

function parsed<T>(json: string): T {
  try {
    return JSON.parse(json) as T;
  } catch {
    throw new MalformedReply('Redis answered a session that is no JSON.');
  }
}

/** How a session ended, as it stands with its token; null if it is unknown. */
export function knownEnding(json: string): KnownEnding | null {
  if (json === '') return null;
  const [reason, detail] = listOf(parsed<Reply>(json)).map(textOf);
  if (reason === undefined || !isEndReason(reason)) return null;
  return detail === undefined || detail === '' ? { reason } : { reason, detail };
}

export function isEndReason(text: string): text is SessionEndReason {
  return Object.hasOwn(endings, text);
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

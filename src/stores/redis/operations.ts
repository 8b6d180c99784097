/** What the room script is asked by each operation of the port, and what its answers say. */

import { hash } from 'node:crypto';
import type { User } from '../../core/authenticator.ts';
import { type Cursor, parsePosition } from '../../core/cursor.ts';
import { utf8Length } from '../../core/events.ts';
import type {
  AppendAnswer,
  Delivery,
  KnownEnding,
  LogPlace,
  MessageDraft,
  OpenAnswer,
  RedactAnswer,
  SessionClaim,
  SessionRecord,
} from '../../core/store.ts';
import { isEndReason } from './publications.ts';
import { listOf, MalformedReply, numberOf, type Reply, textOf } from './reply.ts';

/** What of a session never changes, as it stands in Redis. */
interface StaticClaim {
  readonly name: string;
  readonly nameKey: string;
  readonly delivery: Delivery;
  readonly createdAt: number;
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

/** @param claim what was asked for */
export function openAnswer({ room, sessionId }: SessionClaim, reply: Reply | undefined): OpenAnswer {
  const [outcome, record, replaced] = listOf(reply);
  switch (outcome) {
    case 'opened': {
      const id = textOf(replaced);
      return { outcome, record: recordOf(room, sessionId, record), replaced: id === '' ? null : id };
    }
    case 'reopened':
      return { outcome, record: recordOf(room, textOf(listOf(record)[7]), record) };
    case 'name-in-use':
    case 'room-full':
      return { outcome };
    default:
      throw new Error('Redis gave no answer to an opening.');
  }
}

/** The session that was found. */
export function findAnswer(room: string, reply: Reply | undefined): SessionRecord | null {
  const [, record] = listOf(reply);
  return record === undefined ? null : recordOf(room, textOf(listOf(record)[7]), record);
}

export function appendArguments({ sessionId, message, key, isRepeatOnly }: MessageDraft): readonly string[] {
  const textHash = key === null ? '' : hash('sha256', message, 'base64url');
  return [sessionId, message, `${jsonBytes(message)}`, key ?? '', textHash, isRepeatOnly ? '1' : ''];
}

export function announceArguments(message: string): readonly string[] {
  return [message, `${jsonBytes(message)}`];
}

export function placeOf(reply: Reply | undefined): LogPlace {
  return placeIn(listOf(reply));
}

function placeIn([id, timestamp]: readonly Reply[]): LogPlace {
  return { id: numberOf(id), timestamp: numberOf(timestamp) };
}

export function redactAnswer(reply: Reply | undefined): RedactAnswer {
  const [outcome, ...place] = listOf(reply);
  switch (outcome) {
    case 'redacted':
    case 'repeated':
      return { outcome, ...placeIn(place) };
    case 'not-kept':
    case 'no-text':
      return { outcome };
    default:
      throw new Error('Redis gave no answer to a redaction.');
  }
}

export function appendAnswer(reply: Reply | undefined): AppendAnswer {
  const [outcome, ...place] = listOf(reply);
  switch (outcome) {
    case 'appended':
    case 'repeated':
      return { outcome, ...placeIn(place) };
    case 'key-reused':
    case 'unknown-key':
    case 'not-joined':
    case 'session-gone':
      return { outcome };
    default:
      throw new Error('Redis gave no answer to a message.');
  }
}

/** How a session ended, as it stands with its token; null if it is unknown. */
export function knownEnding(json: string): KnownEnding | null {
  if (json === '') return null;
  const [reason, detail] = listOf(parsed<Reply>(json)).map(textOf);
  if (reason === undefined || !isEndReason(reason)) return null;
  return detail === undefined || detail === '' ? { reason } : { reason, detail };
}

/** A user in the script: an empty text is nobody. */
export function userField(user: User | null): string {
  return user ? `u${user.id}` : '';
}

function keyField(createKey: string | null): string {
  return createKey === null ? '' : `k${createKey}`;
}

/** @throws MalformedReply */
function recordOf(room: string, sessionId: string, reply: Reply | undefined): SessionRecord {
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

/** Bytes of a text within a JSON string. */
function jsonBytes(text: string): number {
  return utf8Length(JSON.stringify(text)) - 2;
}

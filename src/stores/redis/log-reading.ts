/** Reads a room's log from Redis, in pages: Redis serves nobody else while it reads. */

import type { Redis } from 'ioredis';
import type { EncodedEvent } from '../../core/events.ts';
import { eventOfEntry, isEndReason, type PublishedEnding } from './publications.ts';
import { listOf, type Reply, textOf } from './reply.ts';
import type { RoomKeys } from './room-keys.ts';

const pageEvents = 500;

/** What of a range of a log could be read. */
export interface LogRange {
  /** Contiguous, up to the end of the range. */
  readonly events: readonly EncodedEvent[];
  /** The id before the first of them: above the one that was asked for if something before them is missing or unreadable. */
  readonly from: number;
}

/**
 * Reads the events after `from` up to and with `to`.
 */
export async function readLog(
  redis: Redis,
  { log, redacted }: Pick<RoomKeys, 'log' | 'redacted'>,
  from: number,
  to: number,
): Promise<LogRange> {
  let events: EncodedEvent[] = [];
  let begin = from;
  for (let next = from + 1; next <= to; next += pageEvents) {
    const last = Math.min(to, next + pageEvents - 1);
    const entries = (await redis.xrange(log, `${next}-0`, `${last}-0`)) as unknown as Reply;
    const byId = new Map(listOf(entries).flatMap(readEntry));
    await addRedacted(redis, redacted, byId, next, last);
    for (let id = next; id <= last; id++) {
      const event = byId.get(id);
      if (event) {
        events.push(event);
      } else {
        events = [];
        begin = id;
      }
    }
  }
  return { events, from: begin };
}

/** What was redacted is no longer in the stream. */
async function addRedacted(
  redis: Redis,
  key: string,
  byId: Map<number, EncodedEvent | undefined>,
  from: number,
  to: number,
): Promise<void> {
  const missing: number[] = [];
  for (let id = from; id <= to; id++) if (!byId.has(id)) missing.push(id);
  if (missing.length === 0) return;
  const found = await redis.hmget(key, ...missing.map(String));
  for (const [index, json] of found.entries()) {
    const id = missing[index] ?? 0;
    if (json !== null) byId.set(id, redactedEntry(id, json));
  }
}

function redactedEntry(id: number, json: string): EncodedEvent | undefined {
  try {
    return eventOfEntry(id, JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** One with a second number is of somebody else. */
function readEntry(entry: Reply): [number, EncodedEvent | undefined][] {
  const [name, fields] = listOf(entry);
  const [id, second] = textOf(name).split('-').map(Number);
  if (id === undefined || second !== 0) return [];
  return [[id, Array.isArray(fields) ? eventOfEntry(id, fields) : undefined]];
}

/**
 * Reads the endings after an entry of their stream.
 * @param endings the key of the stream
 */
export async function readEndings(redis: Redis, endings: string, after: string): Promise<PublishedEnding[]> {
  const entries = (await redis.xrange(endings, `(${after}`, '+')) as unknown as Reply;
  return listOf(entries).flatMap((entry) => {
    const [name, fields] = listOf(entry);
    const [, sessionId, , reason, , detail] = listOf(fields).map(textOf);
    if (sessionId === undefined || reason === undefined || !isEndReason(reason)) return [];
    return [{ entry: textOf(name), sessionId, reason, detail: detail === '' ? undefined : detail }];
  });
}

/**
 * Events as bytes of an SSE stream, framed as one HTTP chunk, so that one Buffer serves every socket [FAN-1].
 * No field can be broken out of: all data is JSON, in which CR and LF are escaped [P-5].
 */

import { type Cursor, formatCursor } from '../core/cursor.ts';
import type { Ending } from '../core/endings.ts';
import type { EncodedEvent } from '../core/events.ts';
import type { Roster } from '../core/roster.ts';

/** Bytes ready to be written, with and without the frame of an HTTP chunk. */
export interface Frame {
  readonly chunk: Buffer;
  /** A view of the same bytes, for HTTP/1.0, which knows no chunks. */
  readonly payload: Buffer;
}

const lineEnd = '\r\n';

export function frameOf(text: string): Frame {
  const head = Buffer.byteLength(text).toString(16) + lineEnd;
  const chunk = Buffer.from(head + text + lineEnd);
  return { chunk, payload: chunk.subarray(head.length, chunk.length - lineEnd.length) };
}

export const heartbeatFrame = frameOf(':\n\n');

/** One event. Messages use SSE's default event type. Beside the event's JSON there is only ASCII. */
export function eventText(epoch: string, { event, json }: EncodedEvent): string {
  const type = event.type === 'message' ? '' : `event: ${event.type}\n`;
  return `${type}id: ${formatCursor({ epoch, id: event.id })}\ndata: ${json}\n\n`;
}

export interface InitData {
  readonly roster: Roster;
  readonly cursor: Cursor;
  /** Seconds; null if sessions do not expire. */
  readonly timeout: number | null;
  /** Seconds. */
  readonly heartbeat: number;
  readonly lost: number | null;
}

/** The first event of a stream that does not resume, and the announcement of a gap. */
export function initText({ roster, cursor, timeout, heartbeat, lost }: InitData): string {
  const position = formatCursor(cursor);
  const data = `{"users":${roster.toJson()},"cursor":"${position}","timeout":${timeout},"heartbeat":${heartbeat},"lost":${lost}}`;
  return `event: init\nid: ${position}\ndata: ${data}\n\n`;
}

/** Says that what is said cannot be kept at the moment, or again: one frame each for all streams. */
export const statusFrames = {
  away: frameOf('event: status\ndata: {"store":"away"}\n\n'),
  back: frameOf('event: status\ndata: {"store":"back"}\n\n'),
} as const;

/** Something for this client alone, outside the log: without an id. */
export function noticeText(json: string): string {
  return `event: notice\ndata: ${json}\n\n`;
}

/** How long a client should wait before it connects again. */
export function retryText(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}

/** The last event of a stream. */
export function byeText(ending: Ending): string {
  return `event: bye\ndata: ${JSON.stringify(ending)}\n\n`;
}

/** What comes over the wire, as the page reads it. Events have the domain's types; nothing else is shared. */

import type { ChatRoomEvent } from '../core/events.ts';

export type { ChatRoomEvent };

/** Any event of a room, also of a type this page does not know: it is not shown, but its id counts. */
export interface AnyEvent {
  readonly id: number;
  readonly type: string;
  readonly timestamp: number;
}

/** A session as `create` and `getSession` tell it; what only one of them tells is optional. */
export interface SessionInfo {
  readonly sessionId: string;
  readonly name: string;
}

/** The first event of a stream that does not resume, or that resumes after a gap. */
export interface Init {
  readonly users: readonly string[];
  readonly cursor: string;
  /** In seconds; absent when a poller learned the roster by `getInitialUsers`. */
  readonly heartbeat?: number;
  /** How many events can no longer be had; null: all of another epoch; 0: no gap. */
  readonly lost: number | null;
}

/** An answer of `getUpdates`; `lost` and `users` come only after a gap. */
export interface Updates {
  readonly events: readonly AnyEvent[];
  readonly cursor: string;
  readonly more: boolean;
  readonly lost?: number | null;
  readonly users?: readonly string[];
}

/** A page of `history`: ascending, `cursor` leads to the page before. `lost`: asked for by a cursor out of reach. */
export interface HistoryPage {
  readonly events: readonly AnyEvent[];
  readonly cursor: string;
  readonly more: boolean;
  readonly lost?: number | null;
}

/** The data of `status`. */
export interface StoreStatus {
  /** `away`: nothing can be said at the moment. */
  readonly store?: 'away' | 'back';
}

/** How a session or a stream ended: the data of `bye`, or what a `session-gone` remembers. */
export interface Ending {
  readonly reason?: string | undefined;
  readonly action?: string | undefined;
  readonly detail?: string | undefined;
}

/** The event as one the page can show, or undefined if it is of a type unknown here. */
export function asKnown(event: AnyEvent): ChatRoomEvent | undefined {
  switch (event.type) {
    case 'join':
    case 'leave':
    case 'message':
      return event as ChatRoomEvent;
    default:
      return undefined;
  }
}

/** Reads one event of a stream; undefined if it is none. */
export function parseEvent(json: string): AnyEvent | undefined {
  const value = parseJson(json);
  return isEvent(value) ? value : undefined;
}

export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is AnyEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    Number.isSafeInteger(value.id) &&
    'type' in value &&
    typeof value.type === 'string'
  );
}

/** What comes over the wire, as a client reads it. Events have the domain's types; nothing else is shared. */

import type { ChatRoomEvent } from '../core/events.ts';

export type { ChatRoomEvent };

/** Any event of a room, also of a type this client does not know: it is not told, but its id counts. */
export interface AnyEvent {
  readonly id: number;
  readonly type: string;
  readonly timestamp: number;
}

/** A session as `create` and `getSession` tell it; what only one of them tells is optional. */
export interface SessionInfo {
  readonly sessionId: string;
  readonly name: string;
  /** Where the log stood before one's own `join`. */
  readonly cursor?: string;
  /** How often a stream says something at the least, in seconds. */
  readonly heartbeat: number;
  /** After how many seconds without a sign of life it ends; null: never. */
  readonly timeout: number | null;
  readonly maxMessageBytes: number;
}

/** Who wants to be in the room. */
export interface Joiner {
  /** May be missing where the server knows it. */
  readonly name?: string | undefined;
  readonly password?: string | undefined;
}

/** Gives the newest token there is, if there is one; throws nothing. */
export type LoginToken = () => string | undefined | Promise<string | undefined>;

/** What it takes to come in. */
export interface Login {
  /** What is judged by: `name`, `password`, `token`, `certificate`, `anything`; a newer server may have more. */
  readonly takes: readonly string[];
  /** Whether a token or a certificate came along: nothing else is needed. */
  readonly given: boolean;
  readonly maxNameLength: number;
  /** Why nobody comes in, or nobody from here. */
  readonly refusal?: string;
  /** Where one signs in; `{url}` in it stands for the address to come back to. */
  readonly signIn?: string;
}

/** What a message became in the log. */
export interface Sent {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** The first event of a stream after a gap, or of one that does not go on from a cursor. */
export interface Init {
  readonly users: readonly string[];
  readonly cursor: string;
  /** How many events can no longer be had; null: all of another epoch; 0: no gap. */
  readonly lost: number | null;
}

/** How the server stands. */
export interface Status {
  readonly store: string;
}

/** An answer of `getUpdates`; `lost` and `users` come only after a gap, `notices` if there are any. */
export interface Updates {
  readonly events: readonly AnyEvent[];
  readonly cursor: string;
  readonly more: boolean;
  readonly lost?: number | null;
  readonly users?: readonly string[];
  readonly notices?: readonly unknown[];
}

/** The roster, at a cursor. */
export interface Users {
  readonly users: readonly string[];
  readonly cursor: string;
}

/** A page of `history`: ascending, `cursor` leads to the next one. `lost`: asked for by a cursor out of reach. */
export interface HistoryPage {
  readonly events: readonly AnyEvent[];
  readonly cursor: string;
  readonly more: boolean;
  readonly lost?: number | null;
}

/** How a session or a stream ended: the data of `bye`, or what a `session-gone` remembers. */
export interface Ending {
  readonly reason?: string | undefined;
  readonly action?: string | undefined;
  /** What whoever ended it said about it; or of a `session-gone` without a reason, the server's sentence. */
  readonly detail?: string | undefined;
}

/** All types of events there are in this version. */
const known: Readonly<Record<ChatRoomEvent['type'], true>> = {
  join: true,
  leave: true,
  message: true,
  announcement: true,
  redaction: true,
};

/** Those of the domain's events; a type that is unknown here is of a newer server. */
export function knownOf(events: readonly AnyEvent[]): ChatRoomEvent[] {
  return events.filter((event): event is ChatRoomEvent => Object.hasOwn(known, event.type));
}

/** What came as JSON, as an event; undefined if it is none. */
export function eventOf(value: object): AnyEvent | undefined {
  const { id, type } = value as Partial<AnyEvent>;
  return Number.isSafeInteger(id) && typeof type === 'string' ? (value as AnyEvent) : undefined;
}

/** What JSON has; what is no object, or no JSON, as an empty one. */
export function parseJson(json: string): object {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}

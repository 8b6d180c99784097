/** Where in the log an entry stands: its cursor, which is also its address in the page. */

import { type AnyEvent, type ChatRoomEvent, knownOf } from '../../client/wire.ts';

export interface Placed {
  /** `epoch-id`: what follows `#` in a link to it. */
  readonly cursor: string;
  readonly event: ChatRoomEvent;
}

/**
 * The events that can be shown, each with its cursor.
 *
 * @param near any cursor of the same epoch
 */
export function placed(events: readonly AnyEvent[], near: string): Placed[] {
  const epoch = epochOf(near);
  return knownOf(events).map((event) => ({ cursor: `${epoch}-${event.id}`, event }));
}

/** The cursor of what a redaction takes the text of; undefined: it is none. */
export function targetOf({ cursor, event }: Placed): string | undefined {
  return event.type === 'redaction' ? `${epochOf(cursor)}-${event.target}` : undefined;
}

/** Whether a fragment may be the address of an entry. */
export function isCursor(text: string): boolean {
  return /^[A-Za-z0-9-]{0,62}[A-Za-z0-9]-\d{1,16}$/.test(text) && text.length <= 64;
}

/** Whether `a` stands after `b`; cursors of different epochs stand nowhere to each other. */
export function isAfter(a: string, b: string): boolean {
  return epochOf(a) === epochOf(b) && idOf(a) > idOf(b);
}

export function epochOf(cursor: string): string {
  return cursor.slice(0, Math.max(0, cursor.lastIndexOf('-')));
}

export function idOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf('-') + 1));
}

/** A position in a room's log, written `epoch-id` and opaque to clients [LOG-2]. */

export interface Cursor {
  readonly epoch: string;
  /** The last event before the position; 0 before the first. */
  readonly id: number;
}

/** Where to read from: a cursor, or `start` for the very first event. */
export type Position = Cursor | 'start';

const maxCursorLength = 64;
const cursorPattern = /^([A-Za-z0-9]+)-(0|[1-9][0-9]{0,15})$/;

export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}-${cursor.id}`;
}

/** Reads a cursor; `0` is the start of the log; undefined if it is unreadable. */
export function parsePosition(text: string): Position | undefined {
  if (text === '0') return 'start';
  if (text.length > maxCursorLength) return undefined;
  const [, epoch, digits] = cursorPattern.exec(text) ?? [];
  if (epoch === undefined || digits === undefined) return undefined;
  const id = Number(digits);
  return Number.isSafeInteger(id) ? { epoch, id } : undefined;
}

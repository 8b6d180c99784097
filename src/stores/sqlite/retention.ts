/** What a file keeps no longer, in steps of a few milliseconds: what is too old or too much in a room, then in all. */

import type { HistoryLimits } from '../../core/event-log.ts';
import { maxRooms } from '../max-rooms.ts';
import type { SqliteRoom } from './sqlite-room.ts';
import type { SqliteRooms } from './sqlite-rooms.ts';

interface RetentionOptions {
  readonly history: HistoryLimits;
  /** Bytes of events in all rooms. */
  readonly maxTotalBytes: number;
}

// One step drops so many events and looks at so many rooms at the most.
const eventsPerStep = 512;
const roomsPerStep = 256;
// It takes this share of the largest room at once, so that a full budget is not paid for per event.
const shrinkShare = 1 / 16;

export class Retention {
  readonly #rooms: SqliteRooms;
  readonly #options: RetentionOptions;
  // Those that this round has still to look at; the next one is the last.
  #queue: SqliteRoom[] = [];

  constructor(rooms: SqliteRooms, options: RetentionOptions) {
    this.#rooms = rooms;
    this.#options = options;
  }

  /** Whether the next step is the first of a round. */
  get isAtStart(): boolean {
    return this.#queue.length === 0;
  }

  /** One step, over some rooms. Whether there is more to do. */
  step(): boolean {
    if (this.isAtStart) this.#queue = [...this.#rooms.all()].reverse();
    let left = eventsPerStep;
    for (let looked = 0; looked < roomsPerStep && left > 0; looked++) {
      const room = this.#queue.pop();
      if (!room) break;
      left -= this.#trim(room, left);
      if (left <= 0) this.#queue.push(room);
    }
    return left <= 0 || !this.isAtStart || this.#shrinkLargest(left);
  }

  /** A transaction was taken back: there may be rooms in the queue that there are not. */
  reset(): void {
    this.#queue = [];
  }

  /** Drops what one room is not to keep; the room too, if nothing is left of it. */
  #trim(room: SqliteRoom, limit: number): number {
    const { history } = this.#options;
    this.#rooms.concern(room);
    const isSurplus = this.#rooms.size > maxRooms && !room.isInUse;
    const dropped = room.trim(history, isSurplus ? 0 : history.bytes, limit);
    if (!room.isInUse && room.length === 0) this.#rooms.drop(room);
    return dropped;
  }

  /** While all rooms together keep too much, the largest one gives up its oldest events. */
  #shrinkLargest(limit: number): boolean {
    let total = 0;
    let largest: SqliteRoom | undefined;
    for (const room of this.#rooms.all()) {
      total += room.bytes;
      if (!largest || room.bytes > largest.bytes) largest = room;
    }
    const { history, maxTotalBytes } = this.#options;
    const excess = total - maxTotalBytes;
    if (excess <= 0 || !largest) return false;
    this.#rooms.concern(largest);
    const maxBytes = largest.bytes - Math.max(excess, largest.bytes * shrinkShare);
    return largest.trim(history, Math.max(0, maxBytes), limit) > 0;
  }
}

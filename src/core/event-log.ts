/**
 * The ordered events of one room, as many as are kept.
 *
 * - Ids are contiguous: `#entries[i]` has id `#baseId + 1 + i` [LOG-1].
 * - `#base` is the roster just before the oldest event kept, `#head` the one after the newest; `append`
 *   moves the head, `#dropOldest` the base, so both ends are exact [LOG-5].
 * - What is kept is bounded by count, bytes and age, and over all rooms by a `HistoryBudget` [LOG-7].
 * - Reading changes nothing [LOG-4].
 * - A redaction takes the text out of its target as it is appended, in `#redact`: whoever reads later finds none, neither in
 *   the entry nor in its JSON [LOG-4]. What was read before keeps its own entries.
 */

import type { Cursor, Position } from './cursor.ts';
import { type EncodedEvent, encodeEvent, hasText, redactedOf } from './events.ts';
import { Roster } from './roster.ts';

/** What a log keeps at the most; `Infinity` lifts a bound. */
export interface HistoryLimits {
  readonly events: number;
  readonly bytes: number;
  readonly ageMs: number;
}

/** A log as a store hands it over. */
export interface LogSnapshot {
  readonly epoch: string;
  /** The last id that is no longer kept; 0 if everything is. */
  readonly baseId: number;
  /** The id that the epoch began behind: of what was before, nobody knows how much there was. 0 if not given. */
  readonly startId?: number;
  /** The roster after the event `baseId`. */
  readonly users: readonly string[];
  readonly events: readonly EncodedEvent[];
}

/** How much one reading may return. */
export interface PageLimits {
  readonly events: number;
  /** Reached only after at least one event. */
  readonly bytes: number;
}

/** Events which a cursor can no longer reach. */
interface Gap {
  /** How many; null if nobody can know, as across epochs. */
  readonly lost: number | null;
  /** The roster just before the oldest event kept. */
  readonly roster: Roster;
}

/** What a log answers to a cursor. */
export interface Reading {
  readonly gap: Gap | null;
  readonly events: readonly EncodedEvent[];
  /** The position after the last of `events`. */
  readonly cursor: Cursor;
  /** Whether there are events beyond `cursor`. */
  readonly more: boolean;
}

const noEvents: readonly EncodedEvent[] = [];
// Stands in the places of events that are no longer kept, so that they are not held in memory either.
const spent: EncodedEvent = { event: { id: 0, type: 'leave', timestamp: 0, name: '' }, json: '', bytes: 0 };

export class EventLog {
  readonly epoch: string;
  readonly #limits: HistoryLimits;
  readonly #startId: number;
  readonly #base: Roster;
  readonly #head: Roster;
  // A queue in an array: the first `#start` places are spent, and cut off once they are the larger half.
  #entries: EncodedEvent[];
  #start = 0;
  #baseId: number;
  #bytes = 0;
  #redactionId = 0;

  constructor(snapshot: LogSnapshot, limits: HistoryLimits) {
    this.epoch = snapshot.epoch;
    this.#limits = limits;
    this.#startId = snapshot.startId ?? 0;
    this.#baseId = snapshot.baseId;
    this.#base = new Roster(snapshot.users);
    this.#head = new Roster(snapshot.users);
    this.#entries = [];
    this.append(snapshot.events);
  }

  /** The newest id; 0 before the first event. */
  get headId(): number {
    return this.#baseId + this.length;
  }

  /** The last id that is no longer kept. */
  get baseId(): number {
    return this.#baseId;
  }

  get length(): number {
    return this.#entries.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The newest redaction; 0 if there is none. What was read of the log while it was another may have a text too many. */
  get redactionId(): number {
    return this.#redactionId;
  }

  get headCursor(): Cursor {
    return { epoch: this.epoch, id: this.headId };
  }

  /** The roster after the newest event. Do not change it. */
  get roster(): Roster {
    return this.#head;
  }

  snapshot(): LogSnapshot {
    return {
      epoch: this.epoch,
      baseId: this.#baseId,
      users: this.#base.names(),
      events: this.#entries.slice(this.#start),
      ...(this.#startId > 0 && { startId: this.#startId }),
    };
  }

  /** The event of an id; undefined if it is not kept. */
  at(id: number): EncodedEvent | undefined {
    return id > this.#baseId ? this.#at(id - this.#baseId - 1) : undefined;
  }

  /**
   * Adds a committed batch and drops what is over the bounds.
   * @throws RangeError if an id does not follow the one before: a fault of the store
   */
  append(batch: readonly EncodedEvent[]): void {
    for (const entry of batch) {
      if (entry.event.id !== this.headId + 1) {
        throw new RangeError(`Event ${entry.event.id} does not follow event ${this.headId}.`);
      }
      this.#entries.push(entry);
      this.#bytes += entry.bytes;
      this.#head.apply(entry.event);
      if (entry.event.type === 'redaction') this.#redact(entry.event.id, entry.event.target);
    }
    while (this.length > this.#limits.events || (this.#bytes > this.#limits.bytes && this.length > 0)) {
      this.#dropOldest();
    }
  }

  /** Drops what is older than the log's age limit. */
  trim(wallNow: number): void {
    const horizon = wallNow - this.#limits.ageMs;
    for (let oldest = this.#at(0); oldest && oldest.event.timestamp < horizon; oldest = this.#at(0)) {
      this.#dropOldest();
    }
  }

  /** Drops the oldest events until at most `bytes` are left. */
  shrinkTo(bytes: number): void {
    while (this.#bytes > bytes && this.length > 0) this.#dropOldest();
  }

  /** Whether a position is of this log, kept or not: none of another epoch, and none beyond the head. */
  knows(position: Position): boolean {
    return this.#idAt(position) !== undefined;
  }

  /** Reads forward from a position, telling what it can no longer reach [LOG-5]. */
  since(position: Position, page: PageLimits): Reading {
    const from = this.#idAt(position);
    if (from !== undefined && from >= this.#baseId) return this.#read(from, page, null);
    const lost = from === undefined || from < this.#startId ? null : this.#baseId - from;
    return this.#read(this.#baseId, page, { lost, roster: this.#base });
  }

  /** Reads the page that ends at a position; from the newest event if the position is not in this log. */
  before(position: Position | undefined, page: PageLimits): Reading {
    const known = position === undefined ? this.headId : this.#idAt(position);
    const end = Math.max(known ?? this.headId, this.#baseId);
    let start = end;
    for (let bytes = 0; start > this.#baseId && end - start < page.events; start--) {
      bytes += this.#at(start - 1 - this.#baseId)?.bytes ?? 0;
      if (bytes > page.bytes && start < end) break;
    }
    return {
      gap: known === undefined ? { lost: null, roster: this.#base } : null,
      events: this.#slice(start, end),
      cursor: { epoch: this.epoch, id: start },
      more: start > this.#baseId,
    };
  }

  /** The roster after the event `id`, which must lie within the log. */
  rosterAt(id: number): Roster {
    if (id >= this.headId) return this.#head;
    if (id <= this.#baseId) return this.#base;
    const roster = new Roster(this.#base.names());
    for (const entry of this.#slice(this.#baseId, id)) roster.apply(entry.event);
    return roster;
  }

  /** The id of a position; undefined if it is of another epoch or beyond the head. */
  #idAt(position: Position): number | undefined {
    if (position === 'start') return 0;
    return position.epoch === this.epoch && position.id <= this.headId ? position.id : undefined;
  }

  #read(from: number, page: PageLimits, gap: Gap | null): Reading {
    const limit = Math.min(this.headId, from + page.events);
    let end = from;
    for (let bytes = 0; end < limit; end++) {
      bytes += this.#at(end - this.#baseId)?.bytes ?? 0;
      if (bytes > page.bytes && end > from) break;
    }
    return {
      gap,
      events: this.#slice(from, end),
      cursor: { epoch: this.epoch, id: end },
      more: end < this.headId,
    };
  }

  /** The events after `from` up to and with `to`. */
  #slice(from: number, to: number): readonly EncodedEvent[] {
    if (from === to) return noEvents;
    return this.#entries.slice(this.#start + from - this.#baseId, this.#start + to - this.#baseId);
  }

  #at(index: number): EncodedEvent | undefined {
    return this.#entries[this.#start + index];
  }

  /** The target may be gone already, or come without its text out of a store. */
  #redact(id: number, target: number): void {
    this.#redactionId = id;
    const entry = this.at(target);
    if (!entry || !hasText(entry.event) || entry.event.redacted) return;
    const redacted = encodeEvent(redactedOf(entry.event));
    this.#entries[this.#start + target - this.#baseId - 1] = redacted;
    this.#bytes += redacted.bytes - entry.bytes;
  }

  #dropOldest(): void {
    const oldest = this.#at(0);
    if (!oldest) return;
    this.#base.apply(oldest.event);
    this.#bytes -= oldest.bytes;
    this.#baseId += 1;
    this.#entries[this.#start] = spent;
    this.#start += 1;
    if (this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }
}

/**
 * Follows the room's log from a cursor on: tells every event once and in order, tells every gap, and keeps the roster.
 * It rests on ids being contiguous [LOG-1]. Where one is missing and no gap was told, it asks for the log again from
 * its cursor (`hole`), once; what is missing then as well is a gap.
 *
 * Invariant: `cursor` is the position of what was told last, so whoever goes on from there misses nothing.
 */

import type { Sink } from './link.ts';
import type { Tell } from './news.ts';
import { type AnyEvent, type Ending, type Init, knownOf, type Updates } from './wire.ts';

export class Follower implements Sink {
  readonly tell: Tell;
  readonly gone: (ending: Ending) => void;
  readonly #onHole: () => void;
  #cursor: string;
  #names: Set<string>;
  /** The id that must come next; undefined: whichever comes. */
  #next: number | undefined;
  /** How many events are missing and asked for again; 0: none. */
  #hole = 0;

  /**
   * @param cursor where the log is entered
   * @param users the roster there, or at a later position: what the log tells after the cursor ends in the same
   * @param onHole events are missing: the log is to be read again from the cursor
   */
  constructor(
    cursor: string,
    users: readonly string[],
    tell: Tell,
    gone: (ending: Ending) => void,
    onHole: () => void,
  ) {
    this.#cursor = cursor;
    this.#names = new Set(users);
    this.tell = tell;
    this.gone = gone;
    this.#onHole = onHole;
    tell('roster', users);
  }

  get cursor(): string {
    return this.#cursor;
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  /** The stream begins anew, behind a gap. Where there is none its events tell as much. */
  init({ lost, users, cursor }: Init): void {
    if (lost === 0) return;
    this.#gap(lost, users);
    this.#cursor = cursor;
  }

  event(event: AnyEvent, cursor: string): void {
    this.#take([event], cursor);
  }

  updates({ events, cursor, lost, users, notices = [] }: Updates): void {
    if (lost !== undefined) this.#gap(lost, users ?? []);
    this.#take(events, cursor);
    for (const notice of notices) this.tell('notice', notice);
  }

  /** What comes behind it may be numbered anew. */
  #gap(lost: number | null, users: readonly string[]): void {
    this.#next = undefined;
    this.#hole = 0;
    this.#names = new Set(users);
    this.tell('roster', users);
    this.tell('gap', lost);
  }

  #take(events: readonly AnyEvent[], cursor: string): void {
    const fresh: AnyEvent[] = [];
    let healed = 0;
    for (const event of events) {
      const missing = this.#next === undefined ? 0 : event.id - this.#next;
      if (missing < 0) continue;
      if (missing > 0) {
        this.#show(fresh.splice(0));
        if (this.#hole === 0) {
          this.#hole = missing;
          this.#onHole();
          return;
        }
        this.tell('gap', missing);
      } else healed += this.#hole;
      this.#hole = 0;
      this.#next = event.id + 1;
      fresh.push(event);
    }
    this.#cursor = cursor;
    this.#show(fresh);
    if (healed > 0) this.tell('healed', healed);
  }

  #show(events: readonly AnyEvent[]): void {
    const known = knownOf(events);
    let isRosterNew = false;
    for (const event of known) {
      if (event.type !== 'join' && event.type !== 'leave') continue;
      this.#names[event.type === 'join' ? 'add' : 'delete'](event.name);
      isRosterNew = true;
    }
    if (isRosterNew) this.tell('roster', this.names);
    if (known.length > 0) this.tell('events', known);
    for (const event of known) this.tell(event.type, event as never);
  }
}

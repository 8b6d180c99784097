/**
 * Follows the room's log from where the page entered it: first the newest page of history, then what the
 * connection brings. Shows every event once and in order, tells every gap, and heals holes that nobody told of.
 *
 * The log begins at the first `init`: its cursor is where history ends and live events begin, so the two meet
 * without a seam. Live events wait (`EventOrder.hold`) until that page is there.
 */

import type { RoomApi } from './api.ts';
import type { ConnectionState, Sink } from './connection.ts';
import { EventOrder } from './event-order.ts';
import { endingOf } from './outcome.ts';
import { Roster } from './roster.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import type { AnyEvent, Ending, Init, Updates } from './wire.ts';

export const historyPageSize = 100;
const healTries = 4;

/** Whether there is more of the log before what is shown. */
export type Earlier = { readonly before: string } | undefined;

interface FollowerEvents {
  /** The newest page of history, and where the page before it ends. */
  began(events: readonly AnyEvent[], earlier: Earlier): void;
  /** Events in order, each once. */
  arrived(events: readonly AnyEvent[]): void;
  /** @param lost how many events; null: all there were */
  gap(lost: number | null): void;
  /** Events were missing without a told gap, and were fetched. */
  healed(count: number): void;
  roster(names: readonly string[]): void;
  status(isStoreAway: boolean): void;
  state(state: ConnectionState): void;
  gone(ending: Ending): void;
}

interface Arrival {
  readonly id: number;
  readonly event: AnyEvent;
  /** The position after it, where known. */
  readonly cursor: string | undefined;
}

export class Follower implements Sink {
  readonly #api: RoomApi;
  readonly #schedule: Schedule;
  readonly #events: FollowerEvents;
  readonly #order = new EventOrder<Arrival>();
  readonly #roster = new Roster();
  readonly #life = new AbortController();
  /** The position up to which events have come; some of them may still wait. Streams go on from here. */
  #received: string | undefined;
  /** The position up to which events are shown. Holes are healed from here. */
  #shown: string | undefined;
  /** Where the page of history under way ends. */
  #beginning: string | undefined;
  #isHealing = false;

  constructor(api: RoomApi, schedule: Schedule, events: FollowerEvents) {
    this.#api = api;
    this.#schedule = schedule;
    this.#events = events;
  }

  get cursor(): string | undefined {
    return this.#received;
  }

  /** Stops following; nothing is told any more. */
  close(): void {
    this.#life.abort();
  }

  init(init: Init): void {
    const isFirst = this.#received === undefined;
    if (init.lost === 0 && !isFirst) {
      // Not asked for: this page resumes. Its own cursor tells what lies between.
      this.#setRoster(init.users);
      void this.catchUp();
      return;
    }
    this.#received = init.cursor;
    this.#shown = init.cursor;
    this.#order.restart();
    this.#setRoster(init.users);
    if (isFirst || this.#beginning !== undefined) void this.#begin(init.cursor);
    else this.#events.gap(init.lost);
  }

  event(event: AnyEvent, cursor: string): void {
    this.#received = cursor;
    this.#arrive([{ id: event.id, event, cursor }]);
  }

  updates({ events, cursor, lost, users }: Updates): void {
    if (lost !== undefined && users !== undefined) {
      this.#order.restart();
      this.#shown = cursor;
      this.#setRoster(users);
      this.#events.gap(lost);
    }
    this.#received = cursor;
    const last = events.length - 1;
    this.#arrive(
      events.map((event, i) => ({ id: event.id, event, cursor: i === last ? cursor : undefined })),
    );
  }

  status(isStoreAway: boolean): void {
    this.#events.status(isStoreAway);
  }

  state(state: ConnectionState): void {
    this.#events.state(state);
  }

  gone(ending: Ending): void {
    this.#events.gone(ending);
  }

  /** Fetches the page of history that ends where the log begins. */
  async #begin(cursor: string): Promise<void> {
    this.#beginning = cursor;
    this.#order.hold();
    const answer = await this.#api.history(cursor, historyPageSize, this.#life.signal);
    // A gap in between began anew, at a cursor of its own.
    if (this.#life.signal.aborted || this.#beginning !== cursor) return;
    this.#beginning = undefined;
    const isThere = answer.ok && answer.body.lost === undefined;
    const page = isThere ? answer.body : { events: [], cursor, more: true };
    const arrivals = page.events.map((event) => ({ id: event.id, event, cursor: undefined }));
    const released = this.#order.fill(arrivals);
    this.#events.began(page.events, page.more ? { before: page.cursor } : undefined);
    this.#show(released.slice(arrivals.length));
    this.#healIfNeeded();
  }

  #arrive(arrivals: readonly Arrival[]): void {
    this.#show(arrivals.flatMap((arrival) => this.#order.offer(arrival)));
    this.#healIfNeeded();
  }

  #show(released: readonly Arrival[]): void {
    if (released.length === 0) return;
    this.#shown = released.findLast((arrival) => arrival.cursor !== undefined)?.cursor ?? this.#shown;
    const events = released.map((arrival) => arrival.event);
    const changes = events.filter((event) => this.#roster.apply(event));
    if (changes.length > 0) this.#events.roster(this.#roster.names);
    this.#events.arrived(events);
  }

  #setRoster(names: readonly string[]): void {
    this.#roster.reset(names);
    this.#events.roster(this.#roster.names);
  }

  #healIfNeeded(): void {
    const { missing } = this.#order;
    if (missing === 0 || this.#isHealing) return;
    console.error(`${missing} events are missing after ${this.#shown}, and no gap was told.`);
    void this.catchUp().then(() => {
      if (this.#life.signal.aborted) return;
      const still = this.#order.missing;
      if (still === 0) return this.#events.healed(missing);
      this.#events.gap(still);
      this.#show(this.#order.skip());
    });
  }

  /** Reads from the cursor to the head of the log, if the session is there and the server answers. */
  async catchUp(): Promise<'head' | 'gone' | 'failed'> {
    const { signal } = this.#life;
    this.#isHealing = true;
    let end: 'head' | 'gone' | 'failed' = 'failed';
    let after = this.#shown;
    for (let failures = 0; after !== undefined && failures < healTries && end === 'failed'; ) {
      const answer = await this.#api.getUpdates(after, 0, signal);
      if (signal.aborted) return 'gone';
      if (answer.ok) {
        this.updates(answer.body);
        after = answer.body.cursor;
        if (!answer.body.more) end = 'head';
      } else if (endingOf(answer.problem) !== undefined) {
        end = 'gone';
      } else {
        failures += 1;
        const { retryAfterMs } = answer.problem;
        await this.#schedule.sleep(backoffMs(failures, this.#schedule.random(), retryAfterMs), signal);
      }
    }
    this.#isHealing = false;
    return end;
  }
}

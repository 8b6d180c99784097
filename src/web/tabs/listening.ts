/**
 * A tab that hears from the leader. It takes what continues its own cursor; otherwise it reads the log by itself up to
 * its head and then takes what came meanwhile.
 *
 * Invariant: while `#isLevel`, this tab stands where the leader stood after what it told last, or further. What the
 * leader tells is the log without a hole from where it stood when it was first heard, which is not beyond the head
 * that is read up to. So nothing is missing between what is read and what is told.
 */

import type { RoomApi } from '../../client/api.ts';
import type { Sink } from '../../client/link.ts';
import { afterProblem } from '../../client/outcome.ts';
import { backoffMs, type Schedule } from '../../client/schedule.ts';
import type { Ending, Updates } from '../../client/wire.ts';
import type { Status, Told } from './talk.ts';

/** More pages than these do not wait while the log is read: it is read again. */
const maxWaiting = 1000;
/** Between two readings, if the first did not lead to where the leader stands. */
const againMs = 1000;

interface Piece {
  readonly at: string;
  readonly page: Updates;
}

export class Listening {
  readonly #api: RoomApi;
  readonly #sink: Sink;
  readonly #schedule: Schedule;
  readonly #onGone: (ending: Ending) => void;
  #isLevel = false;
  /** The id of the event told last; undefined: nobody knows, as at the beginning and after a gap. */
  #lastId: number | undefined;
  #waiting: Piece[] = [];
  #status: Status = { state: 'connecting', detail: {}, isStoreAway: undefined };
  /** What this tab was told of it. */
  #toldState = '';
  #toldStore: boolean | undefined;
  /** Counts readings: what an earlier one brings is void. */
  #round = 0;
  #isReading = false;
  #request = new AbortController();
  #rest = new AbortController();

  constructor(api: RoomApi, sink: Sink, schedule: Schedule, onGone: (ending: Ending) => void) {
    this.#api = api;
    this.#sink = sink;
    this.#schedule = schedule;
    this.#onGone = onGone;
  }

  /** What is known of the leader's connection. */
  get status(): Status {
    return this.#status;
  }

  /** @param at a leader's cursor before what is told; two may lead for a moment */
  hear(at: string, told: Exclude<Told, { type: 'gone' }>): void {
    if (at === this.#sink.cursor) {
      this.#stop();
      this.#isLevel = true;
    }
    if (told.type === 'page') this.#hearPage({ at, page: told.page });
    else {
      this.#status = told.status;
      if (at !== this.#sink.cursor) this.#isLevel = false;
    }
    if (this.#isLevel || !this.#canRead) this.#tellStatus();
    else if (!this.#isReading) void this.#read(this.#round);
  }

  /** Something is missing, or may be: until the leader is heard, nothing is taken. */
  again(): void {
    this.#stop();
    this.#isLevel = false;
    this.#toldState = '';
  }

  /** A rest ends. */
  nudge(): void {
    this.#rest.abort();
  }

  close(): void {
    this.#stop();
  }

  get #canRead(): boolean {
    return this.#status.state === 'live' || this.#status.state === 'polling';
  }

  #stop(): void {
    this.#round += 1;
    this.#isReading = false;
    this.#waiting = [];
    this.#request.abort();
    this.#rest.abort();
  }

  #hearPage(piece: Piece): void {
    if (this.#isLevel && this.#takeRest(piece)) return;
    this.#isLevel = false;
    this.#waiting.push(piece);
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
  }

  /** Takes what is new of a piece; false if nobody knows what that is, or something before it is missing. */
  #takeRest({ at, page }: Piece): boolean {
    if (at === this.#sink.cursor) return this.#take(page);
    const last = this.#lastId;
    if (last === undefined || page.lost !== undefined) return false;
    const events = page.events.filter(({ id }) => id > last);
    if (events.length === 0) {
      for (const notice of page.notices ?? []) this.#sink.tell('notice', notice);
      return true;
    }
    return events[0]?.id === last + 1 && this.#take({ ...page, events });
  }

  #take(page: Updates): boolean {
    this.#sink.updates(page);
    // In it something was missing: the sink has asked for it `again`.
    if (this.#sink.cursor !== page.cursor) return false;
    if (page.lost !== undefined) this.#lastId = undefined;
    this.#lastId = page.events.at(-1)?.id ?? this.#lastId;
    return true;
  }

  /** Reads the log from the cursor to its head. */
  async #read(round: number): Promise<void> {
    this.#isReading = true;
    for (let failures = 0; ; ) {
      const request = new AbortController();
      this.#request = request;
      const answer = await this.#api.getUpdates(this.#sink.cursor, 0, request);
      if (round !== this.#round) return;
      let waitMs = 0;
      if (answer.ok) {
        failures = 0;
        this.#take(answer.body);
        if (round !== this.#round) return;
        if (!answer.body.more) {
          if (this.#takeWaiting()) break;
          if (round !== this.#round) return;
          waitMs = againMs;
        }
      } else {
        const { ending, waitMs: floorMs } = afterProblem(answer.problem);
        if (ending !== undefined) return this.#onGone(ending);
        failures += 1;
        waitMs = backoffMs(this.#schedule, failures, floorMs);
        const detail = { retryAt: this.#schedule.now() + waitMs };
        this.#toldState = '';
        this.#sink.tell('state', failures > 1 ? 'offline' : 'connecting', detail);
      }
      this.#rest = new AbortController();
      if (waitMs > 0) await this.#schedule.sleep(waitMs, this.#rest.signal);
      if (round !== this.#round) return;
    }
    this.#isReading = false;
    this.#isLevel = true;
    this.#tellStatus();
  }

  /** What came while the log was read; false if it does not join on. */
  #takeWaiting(): boolean {
    return this.#waiting.splice(0).every((piece) => this.#takeRest(piece));
  }

  /** Says what has changed: each `live` has the outbox try at once what is to wait for its turn. */
  #tellStatus(): void {
    const { state, detail, isStoreAway } = this.#status;
    const news = JSON.stringify([state, detail]);
    if (news !== this.#toldState) {
      this.#toldState = news;
      this.#sink.tell('state', state, detail);
    }
    if (isStoreAway === undefined || isStoreAway === this.#toldStore) return;
    this.#toldStore = isStoreAway;
    this.#sink.tell('store', isStoreAway);
  }
}

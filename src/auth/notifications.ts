/**
 * Tells a service what has happened, as well as that can be: in lanes, of which each keeps its order, and nobody waits for it.
 *
 * - A lane is in `#lanes` while it has notifications, and while none of them is on its way in `#ready`, or in `#refused` if
 *   the first of them was not taken when it was tried last.
 * - While the service fails, one notification at a time is tried, and less and less often; those that were not tried yet before
 *   the others, so that one which the service never takes holds these up for half a minute at most.
 * - What is older than five minutes, or more than is kept, is dropped, counted and told.
 */

import type { Clock, Timer } from '../core/clock.ts';

export interface NotificationsOptions {
  readonly clock: Clock;
  /** Resolves to false if the service does not take it. Never rejects. */
  readonly send: (notification: object, signal: AbortSignal) => Promise<boolean>;
  /** Told that so many were given up: at once, and then for a minute's together. */
  readonly dropped: (count: number) => void;
}

interface Notification {
  readonly content: object;
  readonly since: number;
}

interface Lane {
  readonly key: string;
  readonly notifications: Notification[];
}

const maxKept = 10_000;
const maxAgeMs = 5 * 60_000;
const atOnce = 8;
const pauses = { firstMs: 1_000, lastMs: 30_000 };
const tellEveryMs = 60_000;

export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready = new Set<Lane>();
  readonly #refused = new Set<Lane>();
  readonly #closing = new AbortController();
  #kept = 0;
  #underWay = 0;
  #pauseMs = 0;
  #pause: Timer | undefined;
  #dropped = 0;
  #quiet: Timer | undefined;
  /** While it is closed: called once nothing is left. */
  #done: (() => void) | undefined;

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** How many are not told yet. */
  get size(): number {
    return this.#kept;
  }

  /** @param key of the lane: what is told by the same key comes in this order */
  tell(key: string, content: object): void {
    if (this.#kept >= maxKept || this.#closing.signal.aborted) {
      this.#noteDropped(1);
      return;
    }
    const notification = { content, since: this.#options.clock.monotonic() };
    this.#kept += 1;
    const lane = this.#lanes.get(key);
    if (lane) {
      lane.notifications.push(notification);
      return;
    }
    const opened: Lane = { key, notifications: [notification] };
    this.#lanes.set(key, opened);
    this.#ready.add(opened);
    this.#pump();
  }

  /** Tries once more what is left, for at most `graceMs`; then it is dropped. */
  async close(graceMs: number): Promise<void> {
    this.#pause?.cancel();
    this.#pause = undefined;
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    const timer = this.#options.clock.after(graceMs, () => this.#giveUp());
    this.#pump();
    await done;
    timer.cancel();
    this.#giveUp();
    this.#tellDropped();
    this.#quiet?.cancel();
  }

  #pump(): void {
    const limit = this.#pauseMs > 0 && !this.#done ? 1 : atOnce;
    for (const lane of this.#waiting()) {
      if (this.#underWay >= limit || this.#pause || this.#closing.signal.aborted) break;
      this.#forget(lane);
      const [notification] = lane.notifications;
      if (notification) void this.#send(lane, notification);
    }
    if (this.#done && this.#kept === 0 && this.#underWay === 0) this.#done();
  }

  async #send(lane: Lane, { content }: Notification): Promise<void> {
    this.#underWay += 1;
    const isTaken = await this.#options.send(content, this.#closing.signal);
    this.#underWay -= 1;
    if (isTaken || this.#done) {
      this.#take(lane);
      if (!isTaken) this.#noteDropped(1);
    }
    if (isTaken) this.#pauseMs = 0;
    else this.#wait();
    if (lane.notifications.length === 0) this.#lanes.delete(lane.key);
    else (isTaken || this.#done ? this.#ready : this.#refused).add(lane);
    this.#pump();
  }

  *#waiting(): Iterable<Lane> {
    yield* this.#ready;
    yield* this.#refused;
  }

  #forget(lane: Lane): void {
    this.#ready.delete(lane);
    this.#refused.delete(lane);
  }

  /** What came first in a lane is done with. */
  #take(lane: Lane): void {
    if (lane.notifications.shift()) this.#kept -= 1;
  }

  #wait(): void {
    if (this.#pause || this.#done) return;
    this.#dropOld();
    this.#pauseMs = Math.min(pauses.lastMs, Math.max(pauses.firstMs, 2 * this.#pauseMs));
    this.#pause = this.#options.clock.after(this.#pauseMs, () => {
      this.#pause = undefined;
      this.#dropOld();
      this.#pump();
    });
  }

  /** Those that are on their way wait for their answer. */
  #dropOld(): void {
    const horizon = this.#options.clock.monotonic() - maxAgeMs;
    let dropped = 0;
    for (const lane of this.#waiting()) {
      while (lane.notifications[0] && lane.notifications[0].since <= horizon) {
        this.#take(lane);
        dropped += 1;
      }
      if (lane.notifications.length > 0) continue;
      this.#forget(lane);
      this.#lanes.delete(lane.key);
    }
    this.#noteDropped(dropped);
  }

  #giveUp(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new Error('the server stops'));
    for (const lane of this.#waiting()) {
      this.#noteDropped(lane.notifications.length);
      this.#kept -= lane.notifications.length;
      this.#lanes.delete(lane.key);
    }
    this.#ready.clear();
    this.#refused.clear();
    for (const lane of this.#lanes.values()) {
      // What is on its way is cut off, and then counted by who has sent it.
      const behind = lane.notifications.splice(1);
      this.#noteDropped(behind.length);
      this.#kept -= behind.length;
    }
    this.#pump();
  }

  #noteDropped(count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    if (this.#quiet) return;
    this.#tellDropped();
    this.#quiet = this.#options.clock.after(tellEveryMs, () => {
      this.#quiet = undefined;
      this.#tellDropped();
    });
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#options.dropped(this.#dropped);
    this.#dropped = 0;
  }
}

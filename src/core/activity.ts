/**
 * Which sessions were active when, so that a sweep costs in proportion to what expires [SES-7].
 *
 * Times here are monotonic milliseconds less the credit: what the process itself stood still, nobody is
 * blamed for. `#order` is oldest first, because every touch moves its session to the end.
 */

import type { Clock, Timer } from './clock.ts';

// A tick later than this is a stalled process and not the usual lateness of timers.
const toleratedLatenessMs = 250;

export class Activity<T> {
  readonly #clock: Clock;
  readonly #order = new Map<T, number>();
  #creditMs = 0;
  #latest = 0;
  #tick: { readonly timer: Timer; readonly intervalMs: number; dueMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes activity now. */
  touch(item: T): void {
    // A credit sets the time back by what was tolerated before: the order holds all the same.
    this.#latest = Math.max(this.#latest, this.#now());
    this.#order.delete(item);
    this.#order.set(item, this.#latest);
  }

  delete(item: T): void {
    this.#order.delete(item);
  }

  /** The items that were active last `idleMs` ago or longer, oldest first. Touching while iterating is fine. */
  *idle(idleMs: number): Generator<T> {
    const horizon = this.#now() - idleMs;
    for (const [item, at] of this.#order) {
      if (at > horizon) return;
      yield item;
    }
  }

  /** Whether an item was active last `idleMs` ago or longer. */
  isIdle(item: T, idleMs: number): boolean {
    const at = this.#order.get(item);
    return at !== undefined && at <= this.#now() - idleMs;
  }

  /** For how long an item was idle; undefined if it is not known here. */
  idleMs(item: T): number | undefined {
    const at = this.#order.get(item);
    return at === undefined ? undefined : Math.max(0, this.#now() - at);
  }

  /** Calls back every interval, and credits everybody with the delay if the process stood still. */
  start(intervalMs: number, callback: () => void): void {
    this.stop();
    const timer = this.#clock.every(intervalMs, () => {
      this.#creditLateness();
      callback();
    });
    this.#tick = { timer, intervalMs, dueMs: this.#clock.monotonic() + intervalMs };
  }

  stop(): void {
    this.#tick?.timer.cancel();
    this.#tick = undefined;
  }

  /** Monotonic milliseconds, less what the process stood still. */
  #now(): number {
    const tick = this.#tick;
    // After a stall a request may be served before the tick: the credit must be there by then.
    if (tick && this.#clock.monotonic() - tick.dueMs > toleratedLatenessMs) this.#creditLateness();
    return this.#clock.monotonic() - this.#creditMs;
  }

  #creditLateness(): void {
    const tick = this.#tick;
    if (!tick) return;
    const now = this.#clock.monotonic();
    const lateMs = now - tick.dueMs;
    if (lateMs > toleratedLatenessMs) this.#creditMs += lateMs;
    tick.dueMs = now + tick.intervalMs;
  }
}

/** A clock that goes when told: timers fire in their order as time passes over them. */

import type { Clock, Timer } from '../../src/core/clock.ts';

interface FakeTimer extends Timer {
  dueMs: number;
  readonly periodMs: number | undefined;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  #monotonic = 1_000;
  #wall = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<FakeTimer>();

  wall(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#add(delayMs, undefined, callback);
  }

  every(periodMs: number, callback: () => void): Timer {
    return this.#add(periodMs, periodMs, callback);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and fires what comes due on the way. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#pass(Math.max(0, next.dueMs - this.#monotonic));
      if (next.periodMs === undefined) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.callback();
    }
    this.#pass(end - this.#monotonic);
  }

  /** Lets time pass in which nothing fires, as in a stopped process; what came due fires once afterwards. */
  stall(ms: number): void {
    this.#pass(ms);
    for (const timer of [...this.#timers]) {
      if (timer.dueMs > this.#monotonic) continue;
      if (timer.periodMs === undefined) this.#timers.delete(timer);
      else timer.dueMs = this.#monotonic + timer.periodMs;
      timer.callback();
    }
  }

  /** Steps the wall clock, as an administrator or NTP does. */
  stepWall(ms: number): void {
    this.#wall += ms;
  }

  #pass(ms: number): void {
    this.#monotonic += ms;
    this.#wall += ms;
  }

  #next(end: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= end && (!next || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  #add(delayMs: number, periodMs: number | undefined, callback: () => void): Timer {
    const timer: FakeTimer = {
      dueMs: this.#monotonic + delayMs,
      periodMs,
      callback,
      cancel: () => this.#timers.delete(timer),
    };
    this.#timers.add(timer);
    return timer;
  }
}

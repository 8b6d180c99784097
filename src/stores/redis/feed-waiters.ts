/** Who waits until a room has been heard up to a mark, for a second at the most: whoever hears badly must not stop its senders. */

import type { Clock, Timer } from '../../core/clock.ts';
import { Deferred } from '../deferred.ts';
import type { Mark } from './reply.ts';

interface Waiter {
  readonly mark: Mark;
  readonly done: Deferred<void>;
  readonly timer: Timer;
}

const reachMs = 1_000;

export class FeedWaiters {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves once the mark was heard, or all the same after a second.
   * @param onLate called in the latter case
   */
  wait(mark: Mark, onLate: () => void): Promise<void> {
    const done = new Deferred<void>();
    const timer = this.#clock.after(reachMs, () => {
      this.#waiters.delete(waiter);
      done.resolve();
      onLate();
    });
    const waiter = { mark, done, timer };
    this.#waiters.add(waiter);
    return done.promise;
  }

  /** Lets those go on whose mark was heard. */
  tell(wasHeard: (mark: Mark) => boolean): void {
    for (const waiter of this.#waiters) {
      if (!wasHeard(waiter.mark)) continue;
      this.#waiters.delete(waiter);
      waiter.timer.cancel();
      waiter.done.resolve();
    }
  }
}

/** Work that is done a few at a time; what would have to wait too long is refused at once. */

import type { Patience } from '../core/authenticator.ts';
import { ChatError } from '../core/errors.ts';

interface QueueLimits {
  /** How many are worked on at once. */
  readonly atOnce: number;
  /** How many more may wait. */
  readonly waiting: number;
}

export class BoundedQueue {
  readonly #limits: QueueLimits;
  readonly #busy: string;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param busy what is told to who is refused */
  constructor(limits: QueueLimits, busy = 'Too many log in at this moment. Try again.') {
    this.#limits = limits;
    this.#busy = busy;
  }

  /**
   * @param patience what nobody wants any more when its turn comes is not begun
   * @throws ChatError `unavailable` if the queue is full, or the work is not wanted any more
   */
  async run<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
    await this.#turn();
    try {
      if (patience.aborted) throw new ChatError('unavailable', 'Nobody waits for this any more.');
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Who comes next takes the place over.
      if (next) next();
      else this.#running--;
    }
  }

  async #turn(): Promise<void> {
    const { atOnce, waiting } = this.#limits;
    if (this.#running < atOnce) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= waiting) {
      throw new ChatError('unavailable', this.#busy);
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

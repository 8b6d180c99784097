/** How long a client waits before it tries again, and that it can be called off meanwhile. */

import { setTimeout as delay } from 'node:timers/promises';
import { isLong } from './report.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Waits as long as the server asks for where there is time for it, and a tenth of that in the short forms. */
const share = isLong ? 1 : 0.1;
const untoldMs = 1_000;

export class Patience {
  readonly #random: SeededRandom;
  readonly #abort = new AbortController();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Ends all waiting. */
  end(): void {
    this.#abort.abort();
  }

  /** @param toldMs what the server asked for, if it did */
  async pause(toldMs = untoldMs * (0.5 + this.#random.next())): Promise<void> {
    await delay(toldMs * share, undefined, { signal: this.signal }).catch(() => {});
  }
}

/** Does one thing again and again, whether or not the one before is over, as people come who know nothing of each other. */

import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../../test/fault/support/seeded-random.ts';

/** What a server that keeps up never comes to; then nobody else comes. */
const mostAtOnce = 200;

/** That the server had too much to do. */
export class Refused extends Error {}

export class Pace {
  /** How often it was done. */
  done = 0;
  /** How often the server had too much to do. */
  refused = 0;
  /** What went wrong, in words; the first few. */
  readonly complaints: string[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #coming: Promise<void>;

  /** @param everyMs on average */
  constructor(act: (number: number) => Promise<void>, everyMs: number, random: SeededRandom) {
    this.#coming = this.#come(act, everyMs, random);
  }

  /** Nobody else comes; resolves once the last one is gone. */
  async finish(): Promise<void> {
    this.#stopping.abort();
    await this.#coming;
    await Promise.all(this.#running);
  }

  async #come(act: (number: number) => Promise<void>, everyMs: number, random: SeededRandom): Promise<void> {
    const { signal } = this.#stopping;
    for (let number = 0; !signal.aborted; number++) {
      if (this.#running.size < mostAtOnce) this.#begin(act, number);
      else this.#complain(`${mostAtOnce} are at it at once`);
      await delay(everyMs * (0.5 + random.next()), undefined, { signal }).catch(() => {});
    }
  }

  #begin(act: (number: number) => Promise<void>, number: number): void {
    const running = act(number)
      .then(
        () => {
          this.done += 1;
        },
        (error) => {
          if (error instanceof Refused) this.refused += 1;
          else this.#complain(String(error));
        },
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #complain(what: string): void {
    if (this.complaints.length < 5) this.complaints.push(what);
  }
}

/** Does one thing again and again, whether or not the one before is over, as people come who know nothing of each other. */

import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../../test/fault/support/seeded-random.ts';

/** What a server that keeps up never comes to; then nobody else comes. */
const mostAtOnce = 200;

/** That the server had too much to do. */
export class Refused extends Error {}

export class Pace {
  begun = 0;
  done = 0;
  refused = 0;
  /** What went wrong, in words; the first few. */
  readonly complaints: string[] = [];
  readonly everyMs: number;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #coming: Promise<void>;

  /** @param everyMs on average */
  constructor(act: (number: number) => Promise<void>, everyMs: number, random: SeededRandom) {
    this.everyMs = everyMs;
    this.#coming = this.#come(act, everyMs, random);
  }

  /** Nobody else comes; resolves once the last one is gone, or after `boundMs`: then nobody waits for those who are left. */
  async finish(boundMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#coming;
    const bound = new AbortController();
    const isLate = delay(boundMs, true, { signal: bound.signal }).catch(() => false);
    const isOver = Promise.all(this.#running).then(() => false);
    if (await Promise.race([isOver, isLate])) {
      this.#complain(`${this.#running.size} are still at it ${boundMs / 1000} s after the load`);
    }
    bound.abort();
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
    this.begun += 1;
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

/** Chance that can be had again: the same seed gives the same numbers. */

import type { TestContext } from 'node:test';

export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#state = this.seed;
  }

  /** A seed of its own for a test, which is told beside it; `PARLOR_FAULT_SEED` gives one from before. */
  static for(t: TestContext): SeededRandom {
    const given = process.env.PARLOR_FAULT_SEED;
    const random = new SeededRandom(given ? Number(given) : Math.trunc(Math.random() * 2 ** 32));
    t.diagnostic(`PARLOR_FAULT_SEED=${random.seed}`);
    return random;
  }

  /** From 0 up to 1, 1 excepted (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  isLikely(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }

  /** Numbers of their own for somebody else, so that neither disturbs the other's. */
  fork(): SeededRandom {
    return new SeededRandom(this.between(0, 2 ** 32 - 1));
  }
}

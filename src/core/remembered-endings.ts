/** Why sessions ended, kept for a while so that a poller learns what a stream learns by `bye`. */

import type { Clock } from './clock.ts';
import type { Ending } from './endings.ts';

// Whoever asks after this many other sessions have ended is told only that his is gone.
const maxEndings = 10_000;

export class RememberedEndings {
  readonly #clock: Clock;
  readonly #keptMs: number;
  // Oldest first; at most `maxEndings`.
  readonly #endings = new Map<string, { readonly ending: Ending; readonly at: number }>();

  constructor(clock: Clock, keptMs: number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  get size(): number {
    return this.#endings.size;
  }

  get(tokenHash: string): Ending | undefined {
    return this.#endings.get(tokenHash)?.ending;
  }

  add(tokenHash: string, ending: Ending): void {
    this.#endings.set(tokenHash, { ending, at: this.#clock.monotonic() });
    if (this.#endings.size <= maxEndings) return;
    for (const oldest of this.#endings.keys()) {
      this.#endings.delete(oldest);
      return;
    }
  }

  /** Forgets what is old. */
  sweep(): void {
    const horizon = this.#clock.monotonic() - this.#keptMs;
    for (const [tokenHash, { at }] of this.#endings) {
      if (at > horizon) return;
      this.#endings.delete(tokenHash);
    }
  }
}

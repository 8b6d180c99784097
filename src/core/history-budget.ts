/** What all logs of a process may keep together [LOG-7]. */

import type { EventLog } from './event-log.ts';

// Shrinking gives back this share of the largest log at once, so that a full budget is not paid for per event.
const shrinkShare = 1 / 16;

export class HistoryBudget {
  readonly #maxBytes: number;
  readonly #logs = new Set<EventLog>();

  /** @param maxBytes of encoded events, over all logs; `Infinity` lifts the bound */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(log: EventLog): void {
    this.#logs.add(log);
  }

  delete(log: EventLog): void {
    this.#logs.delete(log);
  }

  /** While the sum is too large, the largest log gives up its oldest events. */
  enforce(): void {
    let total = 0;
    for (const log of this.#logs) total += log.bytes;
    while (total > this.#maxBytes) {
      let largest: EventLog | undefined;
      for (const log of this.#logs) if (!largest || log.bytes > largest.bytes) largest = log;
      if (!largest || largest.bytes === 0) return;
      const before = largest.bytes;
      const excess = Math.max(total - this.#maxBytes, before * shrinkShare);
      largest.shrinkTo(Math.max(0, Math.floor(before - excess)));
      total -= before - largest.bytes;
    }
  }
}

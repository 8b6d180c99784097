/**
 * What all logs of a process may keep together [LOG-7]. `#total` is the sum of `#sizes`, which are the
 * logs' bytes at their last `note`: a look at all logs is needed only to find the largest.
 */

import type { EventLog } from './event-log.ts';

// Shrinking takes this share of the largest log at once, so that a full budget is not paid for per event.
const shrinkShare = 1 / 16;

export class HistoryBudget {
  readonly #maxBytes: number;
  readonly #sizes = new Map<EventLog, number>();
  #total = 0;

  /** @param maxBytes of encoded events, over all logs; `Infinity` lifts the bound */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(log: EventLog): void {
    this.#sizes.set(log, 0);
    this.note(log);
  }

  delete(log: EventLog): void {
    this.#total -= this.#sizes.get(log) ?? 0;
    this.#sizes.delete(log);
  }

  /** Looks at a log that has changed. While the sum is too large, the largest log gives up its oldest events. */
  note(log: EventLog): void {
    const before = this.#sizes.get(log);
    if (before === undefined) return;
    this.#sizes.set(log, log.bytes);
    this.#total += log.bytes - before;
    let canShrink = true;
    while (canShrink && this.#total > this.#maxBytes) canShrink = this.#shrinkLargest();
  }

  /** False if there is nothing left to give up. */
  #shrinkLargest(): boolean {
    let largest: EventLog | undefined;
    for (const log of this.#sizes.keys()) if (!largest || log.bytes > largest.bytes) largest = log;
    if (!largest || largest.bytes === 0) return false;
    const excess = Math.max(this.#total - this.#maxBytes, largest.bytes * shrinkShare);
    largest.shrinkTo(Math.max(0, Math.floor(largest.bytes - excess)));
    this.#total += largest.bytes - (this.#sizes.get(largest) ?? 0);
    this.#sizes.set(largest, largest.bytes);
    return true;
  }
}

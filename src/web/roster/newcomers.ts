/** Who came into the room just now, after one came oneself. Time is an argument: milliseconds that only go forward. */

/** How long one is new; and how long somebody may be away and come back without being so again. */
export const newForMs = 2 * 60_000;

export class Newcomers {
  #present: ReadonlySet<string> = new Set();
  #ownName = '';
  /** Since when they are new. */
  readonly #since = new Map<string, number>();
  /** When they were gone. */
  readonly #gone = new Map<string, number>();

  /** Takes the roster as it is now. While one's own name is not in it, nobody in it is new. */
  update(names: readonly string[], ownName: string, now: number): void {
    const present = new Set(names);
    const wasInside = ownName === this.#ownName && this.#present.has(ownName);
    prune(this.#since, now);
    prune(this.#gone, now);
    for (const name of this.#present) {
      if (present.has(name)) continue;
      // Set again it would keep its place, and be older than those before it.
      this.#gone.delete(name);
      this.#gone.set(name, now);
    }
    if (wasInside && present.has(ownName)) {
      for (const name of present) {
        if (!this.#present.has(name) && !this.#gone.has(name)) this.#since.set(name, now);
      }
    }
    this.#present = present;
    this.#ownName = ownName;
  }

  names(now: number): ReadonlySet<string> {
    prune(this.#since, now);
    return new Set([...this.#since.keys()].filter((name) => this.#present.has(name)));
  }

  /** In how many milliseconds the next one is not new any more; undefined: nobody is. */
  nextChangeMs(now: number): number | undefined {
    const [oldest] = this.#since.values();
    return oldest === undefined ? undefined : Math.max(0, oldest + newForMs - now);
  }
}

/** Entries stand in the order of their times: so all that are too old are found at the beginning. */
function prune(times: Map<string, number>, now: number): void {
  for (const [name, time] of times) {
    if (now - time < newForMs) return;
    times.delete(name);
  }
}

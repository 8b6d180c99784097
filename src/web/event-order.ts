/**
 * Puts what arrives, in whatever order and however often, into the order of the room's log: each event
 * once, none left out. It rests on ids being contiguous within an epoch [LOG-1]; an epoch ends with a gap
 * that the server tells, and `restart` follows.
 *
 * Invariants: (1) ids given out rise by one; (2) what waits has ids above the head.
 */

/** How many events may wait for a missing one; beyond it they are dropped, to be fetched with the rest. */
const maxWaiting = 10_000;

export class EventOrder<T extends { readonly id: number }> {
  #head: number | undefined;
  #holding = false;
  readonly #waiting = new Map<number, T>();

  /** Takes one event and returns what can be shown now, in order. */
  offer(item: T): T[] {
    if (this.#head !== undefined && item.id <= this.#head) return [];
    if (this.#waiting.size < maxWaiting) this.#waiting.set(item.id, item);
    return this.#holding ? [] : this.#release();
  }

  /** Lets events wait until `fill`: the page of the log before them is under way. */
  hold(): void {
    this.#holding = true;
  }

  /** Takes the newest page of the log (ascending, may be empty) and returns it with what follows on it. */
  fill(page: readonly T[]): T[] {
    this.#holding = false;
    const fresh = page.filter((item) => this.#head === undefined || item.id > this.#head);
    const last = fresh.at(-1);
    if (last !== undefined) {
      this.#head = last.id;
      for (const id of this.#waiting.keys()) if (id <= last.id) this.#waiting.delete(id);
    }
    return [...fresh, ...this.#release()];
  }

  /** Begins anew, at whatever comes next: a gap was told. */
  restart(): void {
    this.#head = undefined;
    this.#waiting.clear();
  }

  /** How many events are missing between what was given out and what waits; 0 if there is no hole. */
  get missing(): number {
    if (this.#holding || this.#head === undefined || this.#waiting.size === 0) return 0;
    return Math.min(...this.#waiting.keys()) - this.#head - 1;
  }

  /** Gives the missing events up and returns what waited behind them. */
  skip(): T[] {
    if (this.missing > 0) this.#head = Math.min(...this.#waiting.keys()) - 1;
    return this.#release();
  }

  #release(): T[] {
    const released: T[] = [];
    if (this.#waiting.size === 0) return released;
    this.#head ??= Math.min(...this.#waiting.keys()) - 1;
    for (;;) {
      const next = this.#waiting.get(this.#head + 1);
      if (next === undefined) return released;
      this.#waiting.delete(next.id);
      this.#head = next.id;
      released.push(next);
    }
  }
}

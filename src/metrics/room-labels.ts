/** Which rooms have figures of their own: a few, however many there are, and all others are summed. */

/** The label of all others: no room can have this name. */
export const otherRooms = '(others)';

/** How many rooms have figures by their name. Each is half a dozen series, for as long as Prometheus keeps them. */
export const maxNamedRooms = 50;

/**
 * How many rooms have had a name here since the start: with `ROOMS=*` anybody may open one room after the other, and Prometheus
 * keeps the series of each for weeks [P-3]. Beyond these only rooms that have had one get one.
 */
export const maxNamesEver = 500;

export class RoomLabels {
  readonly #configured: ReadonlySet<string>;
  readonly #ever: Set<string>;
  // A room that is named keeps its place for as long as it is in memory, so that no series jumps up and down.
  #named: Set<string>;

  constructor(configured: readonly string[]) {
    this.#configured = new Set(configured.slice(0, maxNamedRooms));
    this.#named = new Set(this.#configured);
    this.#ever = new Set(this.#configured);
  }

  /** Gives the places that are free to the largest of the rooms there are now. */
  update(sizes: ReadonlyMap<string, number>): void {
    this.#named = new Set([...this.#named].filter((name) => this.#configured.has(name) || sizes.has(name)));
    const free = maxNamedRooms - this.#named.size;
    if (free === 0) return;
    const others = [...sizes].filter(([name]) => this.#mayBeNamed(name));
    const largest = others.length <= free ? others : others.sort(([, a], [, b]) => b - a).slice(0, free);
    for (const [name] of largest) {
      // Those before it may have taken the last.
      if (!this.#mayBeNamed(name)) continue;
      this.#named.add(name);
      this.#ever.add(name);
    }
  }

  #mayBeNamed(name: string): boolean {
    return !this.#named.has(name) && (this.#ever.size < maxNamesEver || this.#ever.has(name));
  }

  /** Those that have figures of their own. */
  get named(): Iterable<string> {
    return this.#named;
  }

  of(room: string): string {
    return this.#named.has(room) ? room : otherRooms;
  }
}

/** The names in the room: `init` sets them, `join` and `leave` are set operations [SES-2]. */

import type { AnyEvent } from './wire.ts';
import { asKnown } from './wire.ts';

export class Roster {
  readonly #names = new Set<string>();
  /** The last event folded in; older ones that come again change nothing. */
  #folded = 0;

  get names(): readonly string[] {
    return [...this.#names];
  }

  /** A roster at a new position; what follows it may be numbered anew. */
  reset(names: readonly string[]): void {
    this.#names.clear();
    for (const name of names) this.#names.add(name);
    this.#folded = 0;
  }

  /** Folds one event in and says whether somebody came or went. */
  apply(event: AnyEvent): boolean {
    if (event.id <= this.#folded) return false;
    this.#folded = event.id;
    const known = asKnown(event);
    if (known?.type === 'join') this.#names.add(known.name);
    else if (known?.type === 'leave') this.#names.delete(known.name);
    else return false;
    return true;
  }
}

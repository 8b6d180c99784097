/** Who is told of bans and closed rooms. */

import type { Restriction, RestrictionListener } from '../core/restriction.ts';
import type { RestrictionChange } from './restriction-book.ts';

export class RestrictionListeners {
  readonly #listeners = new Set<RestrictionListener>();

  /** Tells a listener what there is, and from here on what changes. Returns what ends that. */
  add(listener: RestrictionListener, all: readonly Restriction[]): () => void {
    this.#listeners.add(listener);
    listener.all(all);
    return () => this.#listeners.delete(listener);
  }

  /** Tells what there is, to all: what has changed meanwhile is not known. */
  tellAll(all: readonly Restriction[]): void {
    for (const listener of this.#listeners) listener.all(all);
  }

  tell(changes: readonly RestrictionChange[]): void {
    for (const change of changes) {
      for (const listener of this.#listeners) {
        if (change.type === 'put') listener.put(change.restriction);
        else listener.removed(change.id);
      }
    }
  }
}

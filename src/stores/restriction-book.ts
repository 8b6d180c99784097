/**
 * Bans and closed rooms, whatever they are kept in: the rules of `RestrictionStore`, as memory and SQLite have them.
 * Synchronous; what has changed since the last `takeChanges` waits there to be told.
 */

import type { Time } from '../core/clock.ts';
import { maxRestrictions, type Restriction, type RestrictionDraft } from '../core/restriction.ts';

/** Where a book writes what it changes. */
export interface RestrictionKeeper {
  putRestriction(restriction: Restriction): void;
  dropRestriction(id: string): void;
}

export type RestrictionChange =
  | { readonly type: 'put'; readonly restriction: Restriction }
  | { readonly type: 'removed'; readonly id: string };

export class RestrictionBook {
  readonly #keeper: RestrictionKeeper;
  readonly #time: Pick<Time, 'wall'>;
  // At most `maxRestrictions`.
  readonly #byId = new Map<string, Restriction>();
  #changes: RestrictionChange[] = [];

  constructor(kept: Iterable<Restriction>, keeper: RestrictionKeeper, time: Pick<Time, 'wall'>) {
    this.#keeper = keeper;
    this.#time = time;
    for (const restriction of kept) this.#byId.set(restriction.id, restriction);
  }

  all(): Restriction[] {
    return [...this.#byId.values()];
  }

  put(draft: RestrictionDraft, forMs: number | null): Restriction | null {
    if (!this.#byId.has(draft.id)) {
      if (this.#byId.size >= maxRestrictions) this.trim();
      if (this.#byId.size >= maxRestrictions) return null;
    }
    const { id, kind, value, room, reason } = draft;
    const createdAt = this.#time.wall();
    const until = forMs === null ? null : createdAt + forMs;
    const restriction = { id, kind, value, room, reason, createdAt, until };
    this.#byId.set(id, restriction);
    this.#keeper.putRestriction(restriction);
    this.#changes.push({ type: 'put', restriction });
    return restriction;
  }

  remove(id: string): boolean {
    if (!this.#byId.delete(id)) return false;
    this.#keeper.dropRestriction(id);
    this.#changes.push({ type: 'removed', id });
    return true;
  }

  /** Forgets those whose time is over. */
  trim(): void {
    const now = this.#time.wall();
    for (const { id, until } of this.#byId.values()) if (until !== null && until <= now) this.remove(id);
  }

  takeChanges(): readonly RestrictionChange[] {
    const changes = this.#changes;
    if (changes.length > 0) this.#changes = [];
    return changes;
  }
}

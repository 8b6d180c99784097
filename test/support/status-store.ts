/** A memory store whose status is what a test says. Beyond that it works: what it refuses is another store's matter. */

import type { StoreStatus } from '../../src/core/store.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { FaultyStore } from './faulty-store.ts';

export class StatusStore extends FaultyStore {
  readonly #listeners = new Set<(status: StoreStatus) => void>();
  #status: StoreStatus;
  /** Why it is away. */
  trouble: string | undefined;

  constructor(status: StoreStatus = 'ready') {
    const ageMs = Number.POSITIVE_INFINITY;
    const history = { events: 10_000, bytes: 1 << 24, ageMs };
    super(new MemoryStore({ clock: systemClock, history, maxTotalBytes: 1 << 28 }));
    this.#status = status;
  }

  override get status(): StoreStatus {
    return this.#status;
  }

  override onStatus(listener: (status: StoreStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  become(status: StoreStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

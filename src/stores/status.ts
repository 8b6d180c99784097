/** The status of a store, and who is told of its changes. */

import type { StoreStatus } from '../core/store.ts';

export class Status {
  #value: StoreStatus = 'starting';
  readonly #listeners = new Set<(status: StoreStatus) => void>();

  get value(): StoreStatus {
    return this.#value;
  }

  onChange(listener: (status: StoreStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(value: StoreStatus): void {
    if (this.#value === value) return;
    this.#value = value;
    for (const listener of this.#listeners) listener(value);
  }

  /** From now on nobody is told. */
  silence(): void {
    this.#listeners.clear();
  }
}

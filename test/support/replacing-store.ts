/** A memory store that gives whoever listens to a room another log, as one does that has lost what it had. */

import type { LogSnapshot } from '../../src/core/event-log.ts';
import type { Store, StoreListener } from '../../src/core/store.ts';
import { InterceptedStore } from './intercepted-store.ts';

export class ReplacingStore extends InterceptedStore {
  readonly #listeners = new Map<string, Set<StoreListener>>();
  override readonly load: Store['load'];

  constructor(inner: Store) {
    super(inner);
    this.load = (room, listener) => {
      const listeners = this.#listeners.get(room) ?? new Set();
      this.#listeners.set(room, listeners.add(listener));
      return inner.load(room, listener);
    };
  }

  /** Whoever listens to a room finds this log in its place. */
  replace(room: string, log: LogSnapshot): void {
    for (const listener of this.#listeners.get(room) ?? []) listener.replaced?.(log);
  }

  protected override around<T>(_operation: string, call: () => Promise<T>): Promise<T> {
    return call();
  }
}

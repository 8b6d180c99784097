/** A store that fails when told: before an operation took effect, or after, when only its answer is lost. */

import { ChatError } from '../../src/core/errors.ts';
import { InterceptedStore, type StoreOperation } from './intercepted-store.ts';

export class FaultyStore extends InterceptedStore {
  readonly #failing = new Map<StoreOperation, { when: 'before' | 'after'; error: Error }>();
  readonly #held = new Map<StoreOperation, Promise<void>>();
  /** How often each operation was asked for. */
  readonly calls = new Map<StoreOperation, number>();

  /** Lets an operation fail from now on: the store is away, unless told otherwise. */
  fail(operation: StoreOperation, when: 'before' | 'after', error: Error = storeAway()): void {
    this.#failing.set(operation, { when, error });
  }

  heal(): void {
    this.#failing.clear();
  }

  /** Keeps the answers to an operation back until the function that is returned is called. */
  hold(operation: StoreOperation): () => void {
    let release = (): void => {};
    this.#held.set(
      operation,
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    return () => {
      this.#held.delete(operation);
      release();
    };
  }

  protected override async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    const failing = this.#failing.get(operation);
    const held = this.#held.get(operation);
    if (failing?.when === 'before') throw failing.error;
    const answer = await call();
    await held;
    if (failing?.when === 'after') throw failing.error;
    return answer;
  }
}

function storeAway(): ChatError {
  return new ChatError('unavailable', 'The store is away.');
}

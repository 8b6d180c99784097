/** A store that fails when told: before an operation took effect, or after, when only its answer is lost. */

import { ChatError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/store.ts';

export type StoreOperation = Exclude<keyof Store, 'trim'>;

export class FaultyStore implements Store {
  readonly #inner: Store;
  readonly #failing = new Map<StoreOperation, 'before' | 'after'>();
  readonly #held = new Map<StoreOperation, Promise<void>>();
  /** How often each operation was asked for. */
  readonly calls = new Map<StoreOperation, number>();

  readonly load: Store['load'];
  readonly openSession: Store['openSession'];
  readonly joinSession: Store['joinSession'];
  readonly closeSession: Store['closeSession'];
  readonly append: Store['append'];
  readonly findSession: Store['findSession'];
  readonly touch: Store['touch'];
  readonly expired: Store['expired'];
  readonly close: Store['close'];

  constructor(inner: Store) {
    this.#inner = inner;
    this.load = (...args) => this.#call('load', () => inner.load(...args));
    this.openSession = (...args) => this.#call('openSession', () => inner.openSession(...args));
    this.joinSession = (...args) => this.#call('joinSession', () => inner.joinSession(...args));
    this.closeSession = (...args) => this.#call('closeSession', () => inner.closeSession(...args));
    this.append = (...args) => this.#call('append', () => inner.append(...args));
    this.findSession = (...args) => this.#call('findSession', () => inner.findSession(...args));
    this.touch = (...args) => this.#call('touch', () => inner.touch(...args));
    this.expired = (...args) => this.#call('expired', () => inner.expired(...args));
    this.close = () => this.#call('close', () => inner.close());
  }

  trim(): void {
    this.#inner.trim();
  }

  /** Lets an operation fail from now on. */
  fail(operation: StoreOperation, when: 'before' | 'after'): void {
    this.#failing.set(operation, when);
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

  async #call<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    const failing = this.#failing.get(operation);
    const held = this.#held.get(operation);
    if (failing === 'before') throw new ChatError('unavailable', 'The store is away.');
    const answer = await call();
    await held;
    if (failing === 'after') throw new ChatError('unavailable', 'The store went away.');
    return answer;
  }
}

/**
 * A store whose operations take effect, and answer, when a scheduler of fast-check says so. The operations
 * on a room still take effect in the order of the calls, as the port promises; the answers come in any.
 */

import type { Scheduler } from 'fast-check';
import type { Store } from '../../src/core/store.ts';
import { InterceptedStore, type StoreOperation } from './intercepted-store.ts';

export class ScheduledStore extends InterceptedStore {
  readonly #scheduler: Scheduler;
  readonly #waiting: (() => void)[] = [];

  constructor(inner: Store, scheduler: Scheduler) {
    super(inner);
    this.#scheduler = scheduler;
  }

  protected override around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    const effect = new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => call().then(resolve, reject));
    });
    // Whichever turn comes first, it carries out the operation that was asked for first.
    void this.#scheduler
      .schedule(Promise.resolve(), `${operation} takes effect`)
      .then(() => this.#waiting.shift()?.());
    return effect.then((answer) => this.#scheduler.schedule(Promise.resolve(answer), `${operation} answers`));
  }
}

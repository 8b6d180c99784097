/**
 * A store whose operations take effect, and answer, when a scheduler of fast-check says so. The operations
 * on a room still take effect in the order of the calls, as the port promises; the answers come in any.
 */

import type { Scheduler } from 'fast-check';
import type { Store } from '../../src/core/store.ts';

export class ScheduledStore implements Store {
  readonly #inner: Store;
  readonly #scheduler: Scheduler;
  readonly #waiting: (() => void)[] = [];

  readonly load: Store['load'];
  readonly openSession: Store['openSession'];
  readonly joinSession: Store['joinSession'];
  readonly closeSession: Store['closeSession'];
  readonly append: Store['append'];
  readonly findSession: Store['findSession'];
  readonly touch: Store['touch'];
  readonly expired: Store['expired'];
  readonly close: Store['close'];

  constructor(inner: Store, scheduler: Scheduler) {
    this.#inner = inner;
    this.#scheduler = scheduler;
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

  #call<T>(label: string, operation: () => Promise<T>): Promise<T> {
    const effect = new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => operation().then(resolve, reject));
    });
    // Whichever turn comes first, it carries out the operation that was asked for first.
    void this.#scheduler
      .schedule(Promise.resolve(), `${label} takes effect`)
      .then(() => this.#waiting.shift()?.());
    return effect.then((answer) => this.#scheduler.schedule(Promise.resolve(answer), `${label} answers`));
  }
}

/** A store that stands before another one, for tests that meddle with its operations. */

import type { Store, StoreStatus } from '../../src/core/store.ts';

export type StoreOperation = Exclude<keyof Store, 'trim' | 'status' | 'unheld' | 'onStatus'>;

export abstract class InterceptedStore implements Store {
  readonly load: Store['load'];
  readonly openSession: Store['openSession'];
  readonly joinSession: Store['joinSession'];
  readonly closeSession: Store['closeSession'];
  readonly append: Store['append'];
  readonly announce: Store['announce'];
  readonly redact: Store['redact'];
  readonly findSession: Store['findSession'];
  readonly touch: Store['touch'];
  readonly renewUser: Store['renewUser'];
  readonly savePositions: Store['savePositions'];
  readonly expired: Store['expired'];
  readonly watchRestrictions: Store['watchRestrictions'];
  readonly putRestriction: Store['putRestriction'];
  readonly removeRestriction: Store['removeRestriction'];
  readonly close: Store['close'];
  readonly #inner: Store;

  constructor(inner: Store) {
    this.#inner = inner;
    this.load = (...args) => this.around('load', () => inner.load(...args));
    this.openSession = (...args) => this.around('openSession', () => inner.openSession(...args));
    this.joinSession = (...args) => this.around('joinSession', () => inner.joinSession(...args));
    this.closeSession = (...args) => this.around('closeSession', () => inner.closeSession(...args));
    this.append = (...args) => this.around('append', () => inner.append(...args));
    this.announce = (...args) => this.around('announce', () => inner.announce(...args));
    this.redact = (...args) => this.around('redact', () => inner.redact(...args));
    this.findSession = (...args) => this.around('findSession', () => inner.findSession(...args));
    this.touch = (...args) => this.around('touch', () => inner.touch(...args));
    this.renewUser = (...args) => this.around('renewUser', () => inner.renewUser(...args));
    this.savePositions = (...args) => this.around('savePositions', () => inner.savePositions(...args));
    this.expired = (...args) => this.around('expired', () => inner.expired(...args));
    this.watchRestrictions = (...args) =>
      this.around('watchRestrictions', () => inner.watchRestrictions(...args));
    this.putRestriction = (...args) => this.around('putRestriction', () => inner.putRestriction(...args));
    this.removeRestriction = (...args) =>
      this.around('removeRestriction', () => inner.removeRestriction(...args));
    this.close = () => this.around('close', () => inner.close());
  }

  get status(): StoreStatus {
    return this.#inner.status;
  }

  get unheld(): number {
    return this.#inner.unheld;
  }

  onStatus(listener: (status: StoreStatus) => void): () => void {
    return this.#inner.onStatus(listener);
  }

  trim(): void {
    this.#inner.trim();
  }

  /** Called in place of every operation; `call` carries it out. */
  protected abstract around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T>;
}

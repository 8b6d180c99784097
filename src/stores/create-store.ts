/** The store that an address names. */

import type { Clock } from '../core/clock.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type { Store } from '../core/store.ts';
import { MemoryStore } from './memory-store.ts';
import type { Synchronous } from './sqlite/database.ts';
import { SqliteStore } from './sqlite-store.ts';

/** Where events, sessions and names live. */
export type StoreUrl = { readonly scheme: 'memory' } | { readonly scheme: 'sqlite'; readonly path: string };

interface StoreOptions {
  readonly url: StoreUrl;
  readonly synchronous: Synchronous;
  readonly clock: Clock;
  readonly history: HistoryLimits;
  /** Bytes of events in all rooms. */
  readonly maxTotalBytes: number;
  /** Told what failed without anybody waiting for it. */
  readonly onFault: (error: unknown, doing: string) => void;
}

export interface CreatedStore {
  /** May be `starting`: its operations wait until it is open. */
  readonly store: Store;
  /** Rejects with one line if the store cannot be used. */
  readonly opened: Promise<void>;
  /** Resolves, with why, if the store has ended by itself since: only another process can go on. */
  readonly lost: Promise<Error>;
  /** Whether it would keep the process from ending, for nobody knows how long. */
  isStuck(): boolean;
}

export function createStore({
  url,
  synchronous,
  clock,
  history,
  maxTotalBytes,
  onFault,
}: StoreOptions): CreatedStore {
  switch (url.scheme) {
    case 'memory':
      return {
        store: new MemoryStore({ clock, history, maxTotalBytes }),
        opened: Promise.resolve(),
        lost: new Promise(() => {}),
        isStuck: () => false,
      };
    case 'sqlite': {
      const store = new SqliteStore({ path: url.path, synchronous, clock, history, maxTotalBytes, onFault });
      return { store, opened: store.opened(), lost: store.lost, isStuck: () => store.isStuck() };
    }
  }
}

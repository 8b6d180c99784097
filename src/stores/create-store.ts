/** The store that an address names. */

import type { Clock } from '../core/clock.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type { Store } from '../core/store.ts';
import { newEpoch } from './new-epoch.ts';
import type { RedisAddress } from './redis/address.ts';
import type { Synchronous } from './sqlite/database.ts';

/** Where events, sessions and names live. */
export type StoreUrl =
  | { readonly scheme: 'memory' }
  | { readonly scheme: 'sqlite'; readonly path: string }
  | { readonly scheme: 'redis'; readonly address: RedisAddress };

interface StoreOptions {
  readonly url: StoreUrl;
  readonly synchronous: Synchronous;
  readonly clock: Clock;
  readonly history: HistoryLimits;
  /** Bytes of events in all rooms. */
  readonly maxTotalBytes: number;
  /** After how long an idle session expires. */
  readonly timeoutMs: number;
  /** How often that is looked for. */
  readonly reaperIntervalMs: number;
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

/** Loads what the store needs, and of the other stores nothing. */
export async function createStore({
  url,
  synchronous,
  clock,
  history,
  maxTotalBytes,
  timeoutMs,
  reaperIntervalMs,
  onFault,
}: StoreOptions): Promise<CreatedStore> {
  switch (url.scheme) {
    case 'memory': {
      const { MemoryStore } = await import('./memory-store.ts');
      return {
        store: new MemoryStore({ clock, history, maxTotalBytes }),
        opened: Promise.resolve(),
        lost: new Promise(() => {}),
        isStuck: () => false,
      };
    }
    case 'sqlite': {
      const { SqliteStore } = await import('./sqlite-store.ts');
      const store = new SqliteStore({ path: url.path, synchronous, clock, history, maxTotalBytes, onFault });
      return { store, opened: store.opened(), lost: store.lost, isStuck: () => store.isStuck() };
    }
    case 'redis': {
      const { RedisStore } = await import('./redis-store.ts');
      const store = new RedisStore({
        address: url.address,
        clock,
        history,
        timeoutMs,
        // A touch is written a quarter of the timeout after the one before, by the next sweep.
        graceMs: timeoutMs / 4 + 2 * reaperIntervalMs,
        instance: newEpoch(),
        onFault,
      });
      return { store, opened: store.opened(), lost: new Promise(() => {}), isStuck: () => false };
    }
  }
}

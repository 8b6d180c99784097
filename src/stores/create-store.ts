/** The store that an address names. */

import type { Clock } from '../core/clock.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type { Store } from '../core/store.ts';
import { newEpoch } from './new-epoch.ts';
import type { RedisAddress } from './redis/address.ts';
import type { TlsFiles } from './redis/tls-files.ts';
import type { Synchronous } from './sqlite/database.ts';

/** Where events, sessions and names live. */
export type StoreUrl =
  | { readonly scheme: 'memory' }
  | { readonly scheme: 'sqlite'; readonly path: string }
  | { readonly scheme: 'redis'; readonly address: RedisAddress };

interface StoreOptions {
  readonly url: StoreUrl;
  /** For a Redis over TLS. */
  readonly tlsFiles: TlsFiles;
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
  /** Told that a connection was lost and is back, and why it was lost if that is known. */
  readonly onReconnect: (why: string | undefined) => void;
  /** Told in a line how the store is set up to lose what it was given. */
  readonly onRisk: (line: string) => void;
  /** Told how long a commit took: a transaction of the file, or a round trip to Redis. Memory has none. */
  readonly onCommit: (ms: number) => void;
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

/**
 * Loads what the store needs, and of the other stores nothing.
 * @throws Error in one line if a file for TLS cannot be used
 */
export async function createStore({
  url,
  tlsFiles,
  synchronous,
  clock,
  history,
  maxTotalBytes,
  timeoutMs,
  reaperIntervalMs,
  onFault,
  onReconnect,
  onRisk,
  onCommit,
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
      const { path } = url;
      const options = { path, synchronous, clock, history, maxTotalBytes, onFault, onCommit };
      const store = new SqliteStore(options);
      return { store, opened: store.opened(), lost: store.lost, isStuck: () => store.isStuck() };
    }
    case 'redis': {
      const { RedisStore } = await import('./redis-store.ts');
      const { withTlsFiles } = await import('./redis/tls-files.ts');
      const store = new RedisStore({
        address: await withTlsFiles(url.address, tlsFiles),
        clock,
        history,
        timeoutMs,
        // A touch is written a quarter of the timeout after the one before, by the next sweep.
        graceMs: timeoutMs / 4 + 2 * reaperIntervalMs,
        instance: newEpoch(),
        onFault,
        onReconnect,
        onRisk,
        onCommit,
      });
      return { store, opened: store.opened(), lost: new Promise(() => {}), isStuck: () => false };
    }
  }
}

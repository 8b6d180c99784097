/** The store that a configuration names. Apart from the plugin, so that a server can open it before all else. */

import type { Clock } from '../core/clock.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type { RoomObserver } from '../core/observer.ts';
import { type CreatedStore, createStore } from '../stores/create-store.ts';
import type { Config } from './config.ts';

export interface StoreParts {
  readonly clock: Clock;
  readonly observer: RoomObserver;
}

/** What a room keeps. */
export function historyOf({ historyEvents, historyBytes, historyAgeMs }: Config): HistoryLimits {
  return { events: historyEvents, bytes: historyBytes, ageMs: historyAgeMs };
}

/** Starts to open the store of a configuration. */
export function configuredStore(config: Config, { clock, observer }: StoreParts): Promise<CreatedStore> {
  return createStore({
    url: config.storeUrl,
    tlsFiles: { ca: config.storeCa, cert: config.storeCert, key: config.storeKey },
    synchronous: config.storeSynchronous,
    clock,
    history: historyOf(config),
    maxTotalBytes: config.historyTotalBytes,
    timeoutMs: config.sessionTimeoutMs ?? 60_000,
    reaperIntervalMs: config.reaperIntervalMs,
    onFault: (error, doing) => observer.fault?.(error, doing),
    onReconnect: (why) => observer.storeReconnected?.(why),
    onRisk: (line) => observer.storeRisk?.(line),
    onCommit: (ms) => observer.storeCommitted?.(ms),
  });
}

/** How the store does. */

import type { Snapshot } from '../snapshot.ts';
import { type Family, one, type Sample } from './family.ts';

const storeStates = ['starting', 'ready', 'away'];

export const storeFamilies: readonly Family[] = [
  one('gauge', 'parlor_store_state', '1 for how the store is, 0 for the others.', ['state'], ({ sources }) =>
    storeStates.map((state) => [sources.store.status === state ? 1 : 0, { state }]),
  ),
  one(
    'gauge',
    'parlor_store_lag_events',
    'Committed events that this process knows of and has not heard yet (Redis).',
    [],
    ({ now }) => ofStore(now, ({ lagEvents }) => lagEvents),
  ),
  one(
    'gauge',
    'parlor_store_lag_seconds',
    'For how long it has been behind with the room where that is longest (Redis).',
    [],
    ({ now }) => ofStore(now, ({ lagMs }) => lagMs / 1000),
  ),
  one(
    'gauge',
    'parlor_store_operations_waiting',
    'Operations without an answer yet (Redis).',
    [],
    ({ now }) => ofStore(now, ({ waiting }) => waiting),
  ),
  one(
    'counter',
    'parlor_store_operations_total',
    'Operations that the store was asked for (Redis).',
    [],
    ({ now }) => ofStore(now, ({ operations }) => operations),
  ),
  one('counter', 'parlor_store_round_trips_total', 'What the operations went in (Redis).', [], ({ now }) =>
    ofStore(now, ({ roundTrips }) => roundTrips),
  ),
  one(
    'counter',
    'parlor_store_reconnects_total',
    'Connections to the store that were lost and made anew (Redis).',
    [],
    ({ now }) => ofStore(now, ({ reconnects }) => reconnects),
  ),
];

/** Nothing, unless the store tells of itself. */
function ofStore(now: Snapshot, read: (figures: NonNullable<Snapshot['store']>) => number): Sample[] {
  return now.store ? [[read(now.store)]] : [];
}

/** What the figures are read from. Said by shape, since those who deliver are no floor below. */

import type { Lag } from '../core/callback-adapter.ts';
import type { ChatRoom } from '../core/chat-room.ts';
import type { Clock } from '../core/clock.ts';
import type { OverloadCause } from '../core/observer.ts';
import type { Session } from '../core/session.ts';
import type { Store } from '../core/store.ts';
import type { Counters } from './counters.ts';

export interface MetricSources {
  readonly version: string;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly store: Pick<Store, 'status' | 'figures'>;
  readonly rooms: { loaded(): readonly ChatRoom[]; readonly configured: readonly string[] };
  readonly registry: { sessions(): Iterable<Pick<Session, 'room' | 'delivery' | 'isJoined'>> };
  readonly streams: { readonly polls: number; survey(): StreamSurvey };
  /** How the server stands, as `/readyz` says it. */
  state(): string;
  readonly overload: { readonly cause: OverloadCause | undefined };
  /** How many there may be, by option; `Infinity` if there is no bound. */
  readonly limits: Readonly<Record<string, number>>;
  /** How many descriptors the process has open, and may have; undefined if nobody can say. */
  openDescriptors(): Promise<number | undefined>;
  readonly maxDescriptors: number;
}

interface StreamSurvey {
  readonly byRoom: ReadonlyMap<string, { readonly members: number; readonly feed: number }>;
  readonly lag: Lag;
  readonly behind: number;
  readonly blocked: number;
}

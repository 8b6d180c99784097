/** What the routes are given: the domain, put together in `plugin.ts`. */

import type { FastifyRequest } from 'fastify';
import type { AuthenticatorList } from '../auth/authenticator-list.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { RoomObserver } from '../core/observer.ts';
import type { KeyedRateLimit } from '../core/rate-limit.ts';
import type { Restrictions } from '../core/restrictions.ts';
import type { Rooms } from '../core/rooms.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import type { Store } from '../core/store.ts';
import type { Tokens } from '../core/tokens.ts';
import type { Entitlements } from '../delivery/entitlements.ts';
import type { FanOuts } from '../delivery/fan-out.ts';
import type { StreamSet } from '../delivery/stream-set.ts';
import type { Counters } from '../metrics/counters.ts';
import type { MetricsAnswer } from '../metrics/metrics.ts';
import type { Overload } from './overload.ts';
import type { ReportProblem } from './problem-handlers.ts';
import type { ServerState } from './server-state.ts';

/** What gives the figures. */
export interface MetricsPage {
  /** @param accept the header of who asks */
  answer(accept: string | undefined): Promise<MetricsAnswer>;
}

export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly rooms: Rooms;
  readonly registry: SessionRegistry;
  /** What it says of itself. */
  readonly store: Pick<Store, 'status' | 'trouble' | 'figures'>;
  readonly restrictions: Restrictions;
  readonly streams: StreamSet;
  readonly entitlements: Entitlements;
  readonly fanOuts: FanOuts;
  readonly authenticators: AuthenticatorList;
  readonly observer: RoomObserver;
  readonly counters: Counters;
  /** If anybody may ask for them. */
  readonly metrics: MetricsPage | undefined;
  readonly createLimit: KeyedRateLimit;
  readonly readLimit: KeyedRateLimit;
  /** Of wrong ADMIN_TOKENs. */
  readonly adminLimit: KeyedRateLimit;
  state(): ServerState;
  readonly overload: Pick<Overload, 'cause' | 'since'>;
  readonly reportProblem: ReportProblem;
  /** A request's stream has begun. */
  onStream(request: FastifyRequest): void;
}

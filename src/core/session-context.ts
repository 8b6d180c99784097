/** What the sessions of a process have in common. */

import type { Activity } from './activity.ts';
import type { Clock } from './clock.ts';
import type { Closings, Ended } from './closings.ts';
import type { Ending } from './endings.ts';
import type { WatchedHooks } from './hooks.ts';
import type { RoomObserver } from './observer.ts';
import type { SessionLimits } from './session-limits.ts';

export interface SessionContext<S extends Ended> {
  readonly clock: Clock;
  readonly limits: SessionLimits;
  readonly hooks: WatchedHooks;
  readonly observer: RoomObserver;
  /** Whether other instances serve the same sessions. */
  readonly isShared: boolean;
  readonly activity: Activity<S>;
  readonly closings: Closings<S>;
  /** Whose position is to be saved. */
  readonly moved: Set<S>;
  /** Called once, at the moment a session is decided to end. */
  forget(session: S, ending: Ending): void;
}

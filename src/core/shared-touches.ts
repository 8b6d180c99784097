/**
 * Tells a store that others use, too, which sessions were active here, so that no other process reaps them: each at most once per
 * quarter of the timeout, all that are due together.
 */

import type { Activity } from './activity.ts';
import type { Clock } from './clock.ts';
import type { Session } from './session.ts';
import type { SessionTouch, Store } from './store.ts';

interface SharedTouchesOptions {
  readonly store: Store;
  readonly activity: Activity<Session>;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

const atOnce = 1_000;

export class SharedTouches {
  readonly #options: SharedTouchesOptions;
  /** Monotonic milliseconds. */
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SharedTouchesOptions) {
    this.#options = options;
  }

  /** The store may have lost some, or has held nobody back for a while: the next `save` tells it of all. */
  renew(): void {
    this.#savedAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * Tells what has not been told yet, if it is time.
   * @throws ChatError `unavailable`: it is told by a later call
   */
  async save(sessions: Iterable<Session>): Promise<void> {
    const { store, clock, timeoutMs } = this.#options;
    const before = this.#savedAt;
    const now = clock.monotonic();
    const sinceMs = now - before;
    if (!store.isShared || sinceMs < timeoutMs / 4) return;
    // Now and not at the end: a `renew` that comes meanwhile counts.
    this.#savedAt = now;
    const touches: SessionTouch[] = [];
    for (const session of sessions) {
      const idleMs = this.#idleMs(session);
      if (idleMs !== undefined && idleMs <= sinceMs) {
        touches.push({ room: session.room, sessionId: session.sessionId, idleMs });
      }
    }
    try {
      for (let i = 0; i < touches.length; i += atOnce) await store.touch(touches.slice(i, i + atOnce));
    } catch (error) {
      this.#savedAt = Math.min(before, this.#savedAt);
      throw error;
    }
  }

  /** For how long a member was idle; undefined if that is of no account [SES-3]. */
  #idleMs(session: Session): number | undefined {
    if (!session.isJoined || session.isClosed) return undefined;
    return session.isActive ? 0 : this.#options.activity.idleMs(session);
  }
}

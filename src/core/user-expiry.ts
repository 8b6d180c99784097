/**
 * Ends the sessions of users for whom nobody vouches any more. Sessions are gathered by the second at which that is so:
 * a look at the clock costs in proportion to the seconds there are, not to the sessions.
 */

import { askStore } from './call-hooks.ts';
import type { Clock, Timer } from './clock.ts';
import { extendedHooks } from './extended-hooks.ts';
import type { SessionHandle, WatchedHooks } from './hooks.ts';
import type { RoomObserver } from './observer.ts';

const lookMs = 1_000;

export class UserExpiry {
  readonly #clock: Clock;
  readonly #observer: RoomObserver;
  // Bounded by the sessions.
  readonly #bySecond = new Map<number, Set<SessionHandle>>();
  readonly #secondOf = new Map<SessionHandle, number>();
  // Those that are let go of when they end: renewed again and again, a session is bound to this once.
  readonly #bound = new WeakSet<SessionHandle>();
  #timer: Timer | undefined;

  constructor(clock: Clock, observer: RoomObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  /** The hooks with which sessions are watched, and those of the application are called as before. */
  watch(hooks: WatchedHooks): WatchedHooks {
    const onSessionCreated: NonNullable<WatchedHooks['onSessionCreated']> = (handle, arrival) => {
      this.#add(handle);
      return hooks.onSessionCreated?.(handle, arrival);
    };
    const onUserRenewed: NonNullable<WatchedHooks['onUserRenewed']> = (handle) => {
      this.#delete(handle);
      this.#add(handle);
      hooks.onUserRenewed?.(handle);
    };
    return extendedHooks(hooks, { onSessionCreated, onUserRenewed });
  }

  start(): void {
    this.#timer ??= this.#clock.every(lookMs, () => this.look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Ends those whose time has come. */
  look(): void {
    const now = this.#clock.wall() / 1000;
    for (const [second, handles] of this.#bySecond) {
      if (second > now) continue;
      this.#bySecond.delete(second);
      for (const handle of handles) this.#end(handle);
    }
  }

  #add(handle: SessionHandle): void {
    const expiresAt = handle.user?.expiresAt;
    if (expiresAt === undefined) return;
    // As after a restart: not even the request that brought the session back is answered.
    if (expiresAt <= this.#clock.wall()) {
      this.#end(handle);
      return;
    }
    const second = Math.ceil(expiresAt / 1000);
    const handles = this.#bySecond.get(second) ?? new Set();
    this.#bySecond.set(second, handles.add(handle));
    this.#secondOf.set(handle, second);
    if (this.#bound.has(handle)) return;
    this.#bound.add(handle);
    handle.use(() => this.#delete(handle));
  }

  #delete(handle: SessionHandle): void {
    const second = this.#secondOf.get(handle);
    if (second === undefined) return;
    this.#secondOf.delete(handle);
    const handles = this.#bySecond.get(second);
    handles?.delete(handle);
    if (handles?.size === 0) this.#bySecond.delete(second);
  }

  #end(handle: SessionHandle): void {
    void askStore(
      async () => {
        await handle.destroy('expired');
      },
      'ending the session of a user whose token has expired',
      this.#observer,
    );
  }
}

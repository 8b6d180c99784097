/** The interval task that destroys idle sessions, settles what is owed and trims what is old [SES-7]. */

import { askStore } from './call-hooks.ts';
import type { Clock } from './clock.ts';
import { isUnavailable } from './errors.ts';
import type { RoomObserver } from './observer.ts';
import type { KeyedRateLimit } from './rate-limit.ts';
import type { Rooms } from './rooms.ts';
import type { Session } from './session.ts';
import type { SessionRegistry } from './session-registry.ts';
import { SharedTouches } from './shared-touches.ts';
import type { SessionRef, Store } from './store.ts';

/**
 * If sessions do not expire: how long one with a stream may be without a process that holds it. Nobody saw that stream
 * end, by which it would have ended [SES-7]: a client that is there comes back much sooner.
 */
const unheldMs = 60_000;

interface ReaperOptions {
  readonly registry: SessionRegistry;
  readonly rooms: Rooms;
  readonly store: Store;
  readonly clock: Clock;
  readonly observer: RoomObserver;
  /** Whose spent buckets are forgotten. */
  readonly limits: readonly KeyedRateLimit[];
  readonly intervalMs: number;
  /** Null: no session of this process expires. */
  readonly timeoutMs: number | null;
  /** Told of a session that has expired, and that no process has served since it was opened by another. */
  readonly onUnheldExpired?: ((ref: SessionRef) => void) | undefined;
}

export class ReaperTask {
  readonly #options: ReaperOptions;
  readonly #touches: SharedTouches;
  #sweep: Promise<void> | undefined;
  #forgetStatus: () => void = () => {};

  constructor(options: ReaperOptions) {
    this.#options = options;
    const { store, registry, clock, timeoutMs } = options;
    this.#touches = new SharedTouches({
      store,
      activity: registry.activity,
      clock,
      timeoutMs: timeoutMs ?? unheldMs,
    });
  }

  start(): void {
    this.#forgetStatus = this.#options.store.onStatus(() => this.#touches.renew());
    this.#options.registry.activity.start(this.#options.intervalMs, () => void this.reap());
  }

  stop(): void {
    this.#forgetStatus();
    this.#options.registry.activity.stop();
  }

  /** One sweep; sweeps never overlap. Never rejects: what fails is tried again by the next one. */
  reap(): Promise<void> {
    this.#sweep ??= this.#run().finally(() => {
      this.#sweep = undefined;
    });
    return this.#sweep;
  }

  async #run(): Promise<void> {
    const { registry, rooms, store, clock, limits } = this.#options;
    await this.#attempt('trimming', () => {
      rooms.trim();
      store.trim();
      for (const limit of limits) limit.sweep(clock.monotonic());
    });
    await this.#attempt('settling what is owed', () => registry.settle());
    await this.#attempt('saving positions', () => registry.savePositions());
    await this.#attempt('telling who is active', () => this.#touches.save(registry.sessions()));
    await this.#attempt('reaping', () => this.#expire());
  }

  async #expire(): Promise<void> {
    const { store, timeoutMs } = this.#options;
    const idle = this.#idle();
    const idleMs = timeoutMs ?? unheldMs;
    // Of a pull session nobody knows whether it was left: it ends by `destroy` alone [SES-7].
    const unheld = timeoutMs === null ? 'push' : undefined;
    let expired = await store.expired([...idle.values()], idleMs, unheld);
    // The store bounds how many it gives at a time, and gives none twice within the timeout.
    while (expired.length > 0) {
      await this.#close(expired, idle);
      expired = await store.expired([], idleMs, unheld);
    }
  }

  /** The sessions of this process that are idle, by their id. */
  #idle(): ReadonlyMap<string, Session> {
    const { registry, timeoutMs } = this.#options;
    const idle = new Map<string, Session>();
    if (timeoutMs === null) return idle;
    for (const session of registry.activity.idle(timeoutMs)) {
      if (session.isActive) session.touchActivity();
      else idle.set(session.sessionId, session);
    }
    return idle;
  }

  /**
   * Those that fail keep no others from being closed.
   * @throws ChatError `unavailable`: it is no use to go on
   */
  async #close(expired: readonly SessionRef[], idle: ReadonlyMap<string, Session>): Promise<void> {
    const { registry, store, observer, timeoutMs, onUnheldExpired } = this.#options;
    const closings = await Promise.allSettled(
      expired.map(async (ref) => {
        const session = idle.get(ref.sessionId);
        if (!session) {
          await store.closeSession(ref, 'expired');
          onUnheldExpired?.(ref);
        }
        // Somebody may have come back while the store was asked.
        else if (!session.isActive && registry.activity.isIdle(session, timeoutMs ?? 0)) {
          await session.destroy('expired');
        }
      }),
    );
    const errors = closings.flatMap((closing) => (closing.status === 'rejected' ? [closing.reason] : []));
    const bug = errors.find((error) => !isUnavailable(error));
    if (bug !== undefined) observer.fault?.(bug, 'closing idle sessions');
    const away = errors.find(isUnavailable);
    if (away !== undefined) throw away;
  }

  /** One part of a sweep; if it fails, the others go on. */
  #attempt(doing: string, part: () => void | Promise<void>): Promise<void> {
    return askStore(part, doing, this.#options.observer);
  }
}

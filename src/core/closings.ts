/**
 * The closings of sessions that the store has not committed yet. What fails is owed, and tried again by
 * the reaper until it succeeds [SES-1]. Bounded with the sessions, by `MAX_SESSIONS`.
 */

import { isUnavailable } from './errors.ts';
import type { RoomObserver } from './observer.ts';

interface Closing {
  readonly commit: () => Promise<void>;
  isRunning: boolean;
}

export class Closings {
  readonly #observer: RoomObserver;
  readonly #uncommitted = new Map<string, Closing>();

  constructor(observer: RoomObserver) {
    this.#observer = observer;
  }

  /** How many are not committed. */
  get size(): number {
    return this.#uncommitted.size;
  }

  /** Whether the store may still believe that a session lives which has been destroyed. */
  has(sessionId: string): boolean {
    return this.#uncommitted.has(sessionId);
  }

  /**
   * Closes a session in the store. Never rejects: resolves once that is committed, or owed.
   * @param commit tells the store; may be called again
   */
  async close(sessionId: string, commit: () => Promise<void>): Promise<void> {
    const closing = { commit, isRunning: false };
    this.#uncommitted.set(sessionId, closing);
    await this.#try(sessionId, closing);
  }

  /** Tries again what has failed. Never rejects. */
  async retry(): Promise<void> {
    const owed = [...this.#uncommitted].filter(([, closing]) => !closing.isRunning);
    await Promise.all(owed.map(([sessionId, closing]) => this.#try(sessionId, closing)));
  }

  async #try(sessionId: string, closing: Closing): Promise<void> {
    closing.isRunning = true;
    try {
      await closing.commit();
      this.#uncommitted.delete(sessionId);
    } catch (error) {
      // That the store is away is told by its status, once for all.
      if (isUnavailable(error)) return;
      this.#observer.fault?.(error, 'closing a session in the store');
    } finally {
      closing.isRunning = false;
    }
  }
}

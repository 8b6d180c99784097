/**
 * The closings of sessions that the store has not committed yet. What fails is owed, and tried again by
 * the reaper until it succeeds [SES-1]. Bounded with the sessions, by `MAX_SESSIONS`.
 */

import { isUnavailable } from './errors.ts';
import type { RoomObserver } from './observer.ts';

/** A session that has ended here. */
export interface Ended {
  readonly sessionId: string;
  readonly tokenHash: string;
}

interface Closing<T> {
  readonly session: T;
  readonly commit: () => Promise<void>;
  running: Promise<void> | undefined;
}

export class Closings<T extends Ended> {
  readonly #observer: RoomObserver;
  readonly #uncommitted = new Map<string, Closing<T>>();
  readonly #byTokenHash = new Map<string, T>();

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

  /** The session of a token, while its closing is not committed. */
  find(tokenHash: string): T | undefined {
    return this.#byTokenHash.get(tokenHash);
  }

  /**
   * Closes a session in the store. Never rejects: resolves once that is committed, or owed.
   * @param commit tells the store; may be called again
   */
  async close(session: T, commit: () => Promise<void>): Promise<void> {
    this.#uncommitted.set(session.sessionId, { session, commit, running: undefined });
    this.#byTokenHash.set(session.tokenHash, session);
    await this.settle(session.sessionId);
  }

  /** Tries again what has failed. Never rejects. */
  async retry(): Promise<void> {
    await Promise.all([...this.#uncommitted.keys()].map((sessionId) => this.settle(sessionId)));
  }

  /** Tries again what has failed, or waits for who does. Never rejects. */
  async settle(sessionId: string): Promise<void> {
    const closing = this.#uncommitted.get(sessionId);
    if (!closing) return;
    closing.running ??= this.#try(closing).finally(() => {
      closing.running = undefined;
    });
    await closing.running;
  }

  async #try({ session, commit }: Closing<T>): Promise<void> {
    try {
      await commit();
      this.#uncommitted.delete(session.sessionId);
      this.#byTokenHash.delete(session.tokenHash);
    } catch (error) {
      // That the store is away is told by its status, once for all.
      if (isUnavailable(error)) return;
      this.#observer.fault?.(error, 'closing a session in the store');
    }
  }
}

/**
 * The sessions that were there when the file was opened and that nobody has asked for since. Their idle time starts
 * anew with the process, and what the process stands still is not counted [SES-7, SES-8].
 */

import { Activity } from '../../core/activity.ts';
import type { Clock } from '../../core/clock.ts';
import type { Delivery, SessionRef } from '../../core/store.ts';

const tickMs = 1_000;
// So many are given at once.
const maxDue = 1_000;

/** As it is told by the thread that has read the file. */
export interface Survivor extends SessionRef {
  readonly delivery: Delivery;
}

export class Survivors {
  readonly #activity: Activity<Survivor>;
  readonly #refs = new Map<string, Survivor>();

  constructor(clock: Clock) {
    this.#activity = new Activity(clock);
  }

  get size(): number {
    return this.#refs.size;
  }

  add(refs: readonly Survivor[]): void {
    if (refs.length === 0) return;
    this.#activity.start(tickMs, () => {});
    for (const ref of refs) {
      this.#refs.set(ref.sessionId, ref);
      this.#activity.touch(ref);
    }
  }

  /** One was asked for, or has ended. */
  delete(sessionId: string): void {
    const ref = this.#refs.get(sessionId);
    if (!ref) return;
    this.#refs.delete(sessionId);
    this.#activity.delete(ref);
    if (this.#refs.size === 0) this.stop();
  }

  /**
   * Some of those that nobody has asked for in `idleMs`, those first that have waited longest.
   * @param delivery only those that were opened with it; the others are passed over each time
   */
  due(idleMs: number, delivery?: Delivery): SessionRef[] {
    const due: SessionRef[] = [];
    for (const survivor of this.#activity.idle(idleMs)) {
      if (delivery !== undefined && survivor.delivery !== delivery) continue;
      const { room, sessionId } = survivor;
      if (due.push({ room, sessionId }) >= maxDue) break;
    }
    return due;
  }

  /** They were given to a reaper: the others come first now, also if closing these fails. */
  given(refs: readonly SessionRef[]): void {
    for (const { sessionId } of refs) {
      const ref = this.#refs.get(sessionId);
      if (ref) this.#activity.touch(ref);
    }
  }

  stop(): void {
    this.#activity.stop();
  }
}

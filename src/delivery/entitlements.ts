/**
 * Asks again, for as long as streams are open, whether their users may still follow: what somebody may can change while he
 * is connected. A stream is asked about every half of REVOKE_SECONDS, and an answer that has not come by the next time
 * is none; so at the latest REVOKE_SECONDS after a change its stream has ended.
 *
 * An application that cannot say ends streams too, as `unavailable`: their clients come back, and are asked for anew.
 */

import type { Clock, Timer } from '../core/clock.ts';
import { type Ending, endingOf } from '../core/endings.ts';
import { ChatError } from '../core/errors.ts';

/** A stream of somebody who needs a permission. */
export interface EntitledStream {
  /**
   * Asks whether it may go on.
   * @throws ChatError `permission-denied`, `session-gone`, or `internal` if nobody can say
   */
  authorize(): Promise<void> | undefined;
  /** Does nothing if the stream has ended already. */
  end(ending: Ending): void;
}

interface EntitlementsOptions {
  readonly clock: Clock;
  /** At most so long after a change a stream goes on. */
  readonly revokeMs: number;
  /** Whether anybody is there to be asked. */
  readonly isAsked: boolean;
}

// Streams are spread over so many slots, so that not all are asked about in one turn of the event loop.
const slotCount = 16;

export class Entitlements {
  readonly #options: EntitlementsOptions;
  readonly #slots: readonly Set<EntitledStream>[] = Array.from(
    { length: slotCount },
    () => new Set<EntitledStream>(),
  );
  // Those that are being asked about: of these the answer is overdue at the next visit.
  readonly #asked = new Set<EntitledStream>();
  #nextSlot = 0;
  #addSlot = 0;
  #timer: Timer | undefined;

  constructor(options: EntitlementsOptions) {
    this.#options = options;
  }

  add(stream: EntitledStream): void {
    if (!this.#options.isAsked) return;
    this.#slots[this.#addSlot]?.add(stream);
    this.#addSlot = (this.#addSlot + 1) % slotCount;
  }

  delete(stream: EntitledStream): void {
    if (!this.#options.isAsked) return;
    this.#asked.delete(stream);
    this.#slots.some((slot) => slot.delete(stream));
  }

  start(): void {
    const { clock, revokeMs, isAsked } = this.#options;
    if (isAsked) this.#timer ??= clock.every(revokeMs / 2 / slotCount, () => this.#tick());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tick(): void {
    for (const stream of this.#slots[this.#nextSlot] ?? []) {
      if (this.#asked.has(stream)) stream.end(endingOf('unavailable'));
      else void this.#ask(stream);
    }
    this.#nextSlot = (this.#nextSlot + 1) % slotCount;
  }

  /** Never rejects. */
  async #ask(stream: EntitledStream): Promise<void> {
    this.#asked.add(stream);
    try {
      await stream.authorize();
    } catch (error) {
      const isRefused = error instanceof ChatError && error.code === 'permission-denied';
      stream.end(endingOf(isRefused ? 'revoked' : 'unavailable'));
    } finally {
      this.#asked.delete(stream);
    }
  }
}

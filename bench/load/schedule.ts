/** When publishers speak: in closed loop, or at a rate whether answers come or not. */

import { nowMicros } from './message.ts';
import type { Publisher } from './publisher.ts';

export interface Schedule {
  start(): void;
  /** No more messages; what is under way goes on. Resolves when all that was to be said has been said, or after `ms`. */
  stop(ms: number): Promise<void>;
  /** How many messages were to be said and have not been. */
  readonly waiting: number;
}

const tickMs = 1;

/** Each publisher says its next message as soon as the one before is acknowledged. */
export class ClosedLoop implements Schedule {
  readonly waiting = 0;
  readonly #publishers: readonly Publisher[];
  #isStopped = false;

  constructor(publishers: readonly Publisher[]) {
    this.#publishers = publishers;
  }

  start(): void {
    for (const publisher of this.#publishers) this.#next(publisher);
  }

  stop(ms: number): Promise<void> {
    this.#isStopped = true;
    return untilIdle(this.#publishers, () => 0, ms);
  }

  #next(publisher: Publisher): void {
    if (!this.#isStopped) publisher.send(nowMicros(), () => this.#next(publisher));
  }
}

/**
 * Messages fall due at a fixed rate. One that finds no free publisher waits for one, and its time counts from when it
 * was due: a server that falls behind is not asked less often for it.
 */
export class OpenLoop implements Schedule {
  readonly #publishers: readonly Publisher[];
  readonly #free: Publisher[];
  readonly #perSecond: number;
  readonly #due: number[] = [];
  #issued = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(publishers: readonly Publisher[], perSecond: number) {
    this.#publishers = publishers;
    this.#free = [...publishers];
    this.#perSecond = perSecond;
  }

  get waiting(): number {
    return this.#due.length;
  }

  start(): void {
    this.#startedAt = nowMicros();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  stop(ms: number): Promise<void> {
    clearInterval(this.#timer);
    return untilIdle(this.#publishers, () => this.waiting, ms);
  }

  #tick(): void {
    const periodMicros = 1e6 / this.#perSecond;
    const due = Math.floor((nowMicros() - this.#startedAt) / periodMicros) + 1;
    while (this.#issued < due) this.#due.push(this.#startedAt + this.#issued++ * periodMicros);
    this.#work();
  }

  #work(): void {
    while (this.#due.length > 0) {
      const publisher = this.#free.pop();
      if (!publisher) return;
      publisher.send(this.#due.shift() as number, () => {
        this.#free.push(publisher);
        this.#work();
      });
    }
  }
}

async function untilIdle(publishers: readonly Publisher[], waiting: () => number, ms: number): Promise<void> {
  const deadline = nowMicros() + ms * 1000;
  while ((waiting() > 0 || publishers.some(({ isBusy }) => isBusy)) && nowMicros() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
}

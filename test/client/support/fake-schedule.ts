/** Time that stands still until a test moves it. */

import type { Schedule } from '../../../src/client/schedule.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

export class FakeSchedule implements Schedule {
  #now = 1_000_000;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  /** Half of whatever the jitter allows. */
  random(): number {
    return 0.5;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { until: this.#now + ms, wake: () => done() };
      const done = () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', done);
    });
  }

  /** Lets time pass, waking each sleeper at its moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#sleepers].sort((a, b) => a.until - b.until)[0];
      if (next === undefined || next.until > end) break;
      this.#now = Math.max(this.#now, next.until);
      next.wake();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets everything that is due happen, streams included. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Real time, of which a test can skip some: a minute need not be waited for. */

import { realSchedule, type Schedule } from '../../../src/client/schedule.ts';

export class SkippingSchedule implements Schedule {
  #skippedMs = 0;
  readonly #sleepers = new Set<() => void>();

  now(): number {
    return realSchedule.now() + this.#skippedMs;
  }

  random(): number {
    return realSchedule.random();
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    while (!signal.aborted && this.now() < until) {
      const woken = new AbortController();
      const wake = () => woken.abort();
      this.#sleepers.add(wake);
      signal.addEventListener('abort', wake);
      await realSchedule.sleep(until - this.now(), woken.signal);
      signal.removeEventListener('abort', wake);
      this.#sleepers.delete(wake);
    }
  }

  skip(ms: number): void {
    this.#skippedMs += ms;
    for (const wake of [...this.#sleepers]) wake();
  }
}

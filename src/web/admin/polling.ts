/** Asks the server for something again and again, for as long as somebody looks. */

import { type Problem, ProblemError } from '../../client/problem.ts';
import type { Schedule } from '../../client/schedule.ts';

const firstRetryMs = 1000;
const lastRetryMs = 10_000;

export interface PollingOptions {
  ask(life: AbortSignal): Promise<void>;
  /** From the beginning of one question to that of the next. */
  readonly everyMs: number;
  /** It was answered. */
  answered?(): void;
  /** It was not, and is asked again at `retryAt` by the schedule. */
  failed?(problem: Problem, retryAt: number): void;
  /** What is no problem of the server is a fault of the page. */
  readonly schedule: Schedule;
}

/**
 * How many times as long as an answer took nothing is asked: what is dear, such as twenty thousand sessions, is asked for
 * less often, and takes no more than a share of the server's time [P-3].
 */
const idleShare = 9;

export class Polling {
  readonly #options: PollingOptions;
  #life: AbortController | undefined;
  #nap = new AbortController();

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  /** Asks at once, and goes on; nothing happens if it goes on already. */
  start(): void {
    if (this.#life) return;
    this.#life = new AbortController();
    void this.#run(this.#life.signal);
  }

  stop(): void {
    this.#life?.abort();
    this.#life = undefined;
    this.#nap.abort();
  }

  /** Does not wait for the next time: something was changed, or somebody is impatient. */
  hurry(): void {
    this.#nap.abort();
  }

  async #run(life: AbortSignal): Promise<void> {
    const { ask, everyMs, schedule, answered, failed } = this.#options;
    let failures = 0;
    while (!life.aborted) {
      this.#nap = new AbortController();
      const nap = this.#nap.signal;
      const begunAt = schedule.now();
      let waitMs: number;
      try {
        await ask(life);
        if (life.aborted) return;
        failures = 0;
        answered?.();
        const tookMs = schedule.now() - begunAt;
        waitMs = Math.max(everyMs - tookMs, tookMs * idleShare);
      } catch (error) {
        if (life.aborted) return;
        if (!(error instanceof ProblemError)) throw error;
        const { problem } = error;
        waitMs = Math.max(problem.retryAfterMs ?? 0, Math.min(lastRetryMs, firstRetryMs * 2 ** failures++));
        failed?.(problem, schedule.now() + waitMs);
      }
      await schedule.sleep(waitMs, nap);
    }
  }
}

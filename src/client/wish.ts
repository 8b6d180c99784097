/** Something somebody has asked for: it is asked of the server until it is had, or until something else is wished. */

import type { Tell } from './news.ts';
import { isPassing } from './outcome.ts';
import type { Problem, Result } from './problem.ts';
import { rest } from './rest.ts';
import type { Schedule } from './schedule.ts';

export class Wish {
  readonly #schedule: Schedule;
  readonly #tell: Tell;
  readonly #life = new AbortController();
  #pause = new AbortController();

  constructor(schedule: Schedule, tell: Tell) {
    this.#schedule = schedule;
    this.#tell = tell;
  }

  /** Aborted when something else is wished: what comes of this one is void. */
  get life(): AbortSignal {
    return this.#life.signal;
  }

  drop(): void {
    this.#life.abort();
    this.#pause.abort();
  }

  /** Asks again at once, if it waits. */
  nudge(): void {
    this.#pause.abort();
  }

  /**
   * Asks until an answer comes that waiting does not change.
   *
   * @param fail is told of a problem that stays
   * @returns undefined if something else was wished meanwhile, or after `fail`
   */
  async persist<T>(
    ask: () => Promise<Result<T>>,
    fail: (problem: Problem) => void | Promise<void>,
    isWorthwhile: (problem: Problem) => boolean = isPassing,
  ): Promise<T | undefined> {
    for (let failures = 1; !this.life.aborted; failures++) {
      const answer = await ask();
      if (this.life.aborted) break;
      if (answer.ok) return answer.body;
      const { problem } = answer;
      if (!isWorthwhile(problem)) {
        await fail(problem);
        break;
      }
      this.#pause = new AbortController();
      await rest(this.#schedule, this.#tell, failures, problem.retryAfterMs, this.#pause.signal, this.life);
    }
    return undefined;
  }
}

/** Remembers answers for a moment, so that who asks the same again and again, or at once, asks once. */

import type { Time } from '../core/clock.ts';

interface Remembered<T> {
  readonly answer: Promise<T>;
  /** Monotonic milliseconds of the question: how things were since then, the answer does not say. */
  readonly askedAt: number;
}

export class BriefMemory<T> {
  readonly #time: Time;
  readonly #keptMs: number;
  readonly #max: number;
  // In the order of the questions, at most `#max`.
  readonly #remembered = new Map<string, Remembered<T>>();

  /** @param max beyond it the oldest is forgotten, and asked anew */
  constructor(time: Time, keptMs: number, max: number) {
    this.#time = time;
    this.#keptMs = keptMs;
    this.#max = max;
  }

  get size(): number {
    return this.#remembered.size;
  }

  /** What `ask` answers, or has answered to this key a moment ago; a failure is remembered too. */
  get(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#time.monotonic();
    const known = this.#remembered.get(key);
    if (known && now - known.askedAt < this.#keptMs) return known.answer;
    this.#forgetOld(now);
    const answer = ask();
    this.#remembered.delete(key);
    this.#remembered.set(key, { answer, askedAt: now });
    return answer;
  }

  #forgetOld(now: number): void {
    for (const [key, { askedAt }] of this.#remembered) {
      if (this.#remembered.size < this.#max && now - askedAt < this.#keptMs) return;
      this.#remembered.delete(key);
    }
  }
}

/** When an examination ends, whatever is still to be looked at. */

export class Deadline {
  readonly #life = new AbortController();
  #leftMs: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Begins at once. */
  constructor(ms: number) {
    this.#leftMs = ms;
    this.#start();
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Does what takes a human's time, which does not count. */
  async pauseFor<Result>(doing: () => Promise<Result>): Promise<Result> {
    this.stop();
    this.#leftMs -= performance.now() - this.#since;
    try {
      return await doing();
    } finally {
      this.#start();
    }
  }

  /** From here on there is none. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.#since = performance.now();
    const late = () => this.#life.abort(new DOMException('The time is over.', 'TimeoutError'));
    this.#timer = setTimeout(late, Math.max(0, this.#leftMs));
  }
}

/** Retention in steps: each is a transaction of its own, so that others have their turn in between. */
export class Trimming {
  readonly #step: () => Promise<boolean>;
  #isUnderWay = false;

  /** @param step drops some of what is not to be kept; whether there is more to do */
  constructor(step: () => Promise<boolean>) {
    this.#step = step;
  }

  /** Goes on until nothing is left to do; what is under way already is not begun twice. */
  async run(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    try {
      while (await this.#step());
    } catch {
      // The next call goes on; what kept a step from being committed is told by the store's status.
    } finally {
      this.#isUnderWay = false;
    }
  }
}

/** Whether the framed room can be seen: its tab, and in that its place in the page around. */

import { type WatchPresence, watchTab } from '../log/presence.ts';

export class Sight {
  #isInSight = true;
  #isTabSeen = true;
  #told = true;
  #tell: (isPresent: boolean) => void = () => {};

  /** What the page around says. */
  set(isInSight: boolean): void {
    this.#isInSight = isInSight;
    this.#look();
  }

  readonly watch: WatchPresence = (tell) => {
    this.#isTabSeen = watchTab((isSeen) => {
      this.#isTabSeen = isSeen;
      this.#look();
    });
    this.#tell = tell;
    this.#told = this.#isTabSeen && this.#isInSight;
    return this.#told;
  };

  #look(): void {
    const isPresent = this.#isTabSeen && this.#isInSight;
    if (isPresent === this.#told) return;
    this.#told = isPresent;
    this.#tell(isPresent);
  }
}

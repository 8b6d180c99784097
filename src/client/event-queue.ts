/** The room's events for `for await`: they wait until they are asked for, and what cannot wait is told as a gap. */

import type { ChatRoomEvent } from './wire.ts';

/** Events that were missed: by the log's bounds, or because the loop was too slow. */
export interface Gap {
  readonly type: 'gap';
  /** How many events; null: all there were, or nobody knows. */
  readonly lost: number | null;
}

/** If more than this many events wait, all of them become a gap. */
export const maxWaiting = 10_000;

export class EventQueue {
  #waiting: (ChatRoomEvent | Gap)[] = [];
  #isEnded = false;
  #wake: () => void = () => {};

  push(items: readonly (ChatRoomEvent | Gap)[]): void {
    this.#waiting.push(...items);
    if (this.#waiting.length > maxWaiting) this.#waiting = [{ type: 'gap', lost: null }];
    this.#wake();
  }

  /** What waits is still given out. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<ChatRoomEvent | Gap, void, void> {
    for (;;) {
      const item = this.#waiting.shift();
      if (item !== undefined) yield item;
      else if (this.#isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** What is bound to a session, released with it: each once, in reverse order [SES-1]. */

import { tell } from './call-hooks.ts';
import type { Disposable } from './hooks.ts';
import type { RoomObserver } from './observer.ts';

export class Disposables {
  readonly #observer: RoomObserver;
  #held: Disposable[] | undefined = [];

  constructor(observer: RoomObserver) {
    this.#observer = observer;
  }

  /** Holds something until `dispose`; releases it at once if that was called already. */
  use(disposable: Disposable): void {
    if (this.#held) this.#held.push(disposable);
    else void this.#release(disposable);
  }

  /** Releases everything, one after the other; what fails is logged, and the others follow. */
  async dispose(): Promise<void> {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const disposable of held.reverse()) await this.#release(disposable);
  }

  #release(disposable: Disposable): Promise<void> {
    return tell(disposable, 'releasing what was bound to a session', this.#observer);
  }
}

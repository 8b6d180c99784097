/** The seconds until something is tried again: for the eye, who listens would hear nothing else any more. */

import { realSchedule } from '../../client/schedule.ts';
import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';

export class Countdown {
  readonly element = el('span', { class: 'countdown', 'aria-hidden': 'true' });
  #until = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param until by the client's schedule, in milliseconds; undefined: it is tried right now */
  show(until = 0): void {
    this.#until = until;
    this.#tick();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.element.textContent = '';
  }

  #tick(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#until - realSchedule.now();
    this.element.textContent = leftMs > 0 ? strings.retryIn(Math.ceil(leftMs / 1000)) : strings.retrying;
    if (leftMs > 0) this.#timer = setTimeout(() => this.#tick(), leftMs % 1000 || 1000);
  }
}

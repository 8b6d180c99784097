/** A word on what was just done, that goes away by itself. */

import { el } from '../dom.ts';

const shownMs = 5000;

export class Hint {
  /** Always there, so that what comes into it is read out. */
  readonly element = el('p', { class: 'hint', role: 'status' });
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param isLasting until something else is said */
  say(text: string, isLasting = false): void {
    clearTimeout(this.#timer);
    this.element.textContent = text;
    if (!isLasting) this.#timer = setTimeout(() => this.say('', true), shownMs);
  }
}

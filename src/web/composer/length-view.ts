/** How much more may be written, shown near the limit. */

import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';
import { roomFor } from './message-check.ts';

/** It is told to those who do not see it once they pause, not at every key. */
const pauseMs = 1000;

export class LengthView {
  readonly element = el('p', { class: 'length', id: 'composer-length', hidden: '' });
  readonly #announce: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(announce: (text: string) => void) {
    this.#announce = announce;
  }

  show(text: string, maxBytes: number): void {
    const room = roomFor(text, maxBytes);
    const isOver = room !== undefined && room.characters < 0;
    const shown =
      room === undefined ? '' : isOver ? strings.tooLong(-room.characters) : strings.roomLeft(room);
    clearTimeout(this.#timer);
    if (shown !== '') this.#timer = setTimeout(() => this.#announce(shown), pauseMs);
    this.element.hidden = shown === '';
    this.element.classList.toggle('over', isOver);
    if (this.element.textContent !== shown) this.element.textContent = shown;
  }
}

/** Which rows of how many are shown, and the way to the others. */

import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import { button, setText } from './parts.ts';
import type { Seen } from './table-model.ts';

export class PagerView {
  readonly element: HTMLElement;
  readonly #said = el('p', { class: 'rows-seen' });
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #turning: HTMLElement;
  #page = 0;
  #pages = 1;

  constructor(turnTo: (page: number) => void) {
    this.#buttons = [
      button('⇤', () => turnTo(0), 'small', words.firstPage),
      button('←', () => turnTo(this.#page - 1), 'small', words.earlierPage),
      button('→', () => turnTo(this.#page + 1), 'small', words.laterPage),
      button('⇥', () => turnTo(this.#pages - 1), 'small', words.lastPage),
    ];
    this.#turning = el('nav', { 'aria-label': words.pagesLabel, class: 'turning' }, ...this.#buttons);
    this.element = el('div', { class: 'pager' }, this.#said, this.#turning);
  }

  show({ rows, before, found, total, page, pages }: Seen<unknown>, progress: string): void {
    this.#page = page;
    this.#pages = pages;
    setText(this.#said, progress || words.rowsSeen(before + 1, before + rows.length, found, total));
    this.#turning.hidden = pages === 1;
    for (const [index, of] of this.#buttons.entries()) {
      const leads = index < 2 ? page > 0 : page < pages - 1;
      // Not disabled: that would take the focus from who has just come to the end.
      of.setAttribute('aria-disabled', String(!leads));
    }
  }
}

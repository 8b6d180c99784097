/**
 * What stands before the first entry: where the log begins, or that more is to be had. More is asked for when the reader
 * comes near; the button is for keyboards, and for when that failed.
 */

import { el } from '../dom.ts';
import type { EarlierState } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';

/** How near, in heights of what is in sight. */
const nearness = '100%';

export class EarlierView {
  readonly element: HTMLElement;
  readonly #onEarlier: () => void;
  readonly #button = el('button', { class: 'earlier', type: 'button', hidden: '' }, strings.earlier);
  readonly #beginning = el('p', { class: 'entry beginning', hidden: '' }, strings.beginning);
  #nearby: IntersectionObserver | undefined;

  constructor(onEarlier: () => void) {
    this.#onEarlier = onEarlier;
    this.element = el('div', { class: 'before' }, this.#button, this.#beginning);
    this.#button.addEventListener('click', onEarlier);
  }

  /** @param scroller in which the reader comes near */
  watch(scroller: HTMLElement): void {
    this.#nearby = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.#nearby?.unobserve(this.#button);
        this.#onEarlier();
      },
      { root: scroller, rootMargin: `${nearness} 0px 0px 0px` },
    );
  }

  show(state: EarlierState): void {
    this.#button.hidden = state === 'none' || state === 'beginning';
    this.#beginning.hidden = state !== 'beginning';
    this.#button.disabled = state === 'busy';
    this.#button.textContent =
      state === 'busy' ? strings.earlierBusy : state === 'failed' ? strings.earlierFailed : strings.earlier;
    this.#nearby?.unobserve(this.#button);
    // What has failed waits for a click: asked again by itself, it would be asked without end.
    if (state === 'more') this.#nearby?.observe(this.#button);
  }
}

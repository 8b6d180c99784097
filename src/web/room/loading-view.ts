/** What there is to see before the room: that it is on its way, or why not. */

import { realSchedule } from '../../client/schedule.ts';
import { el } from '../dom.ts';
import { quietMs } from '../stay/standing.ts';
import { strings } from '../text/strings.ts';
import { Countdown } from './countdown.ts';

export class LoadingView {
  readonly element: HTMLElement;
  readonly #text = el('p', { role: 'status' });
  readonly #countdown = new Countdown();
  readonly #tryNow = el('button', { type: 'button', hidden: '' }, strings.tryNow);

  constructor(room: string, onTryNow: () => void) {
    this.element = el(
      'main',
      { class: 'waiting' },
      el('h1', {}, room),
      this.#text,
      this.#countdown.element,
      this.#tryNow,
    );
    this.#tryNow.addEventListener('click', onTryNow);
  }

  /** @param isOffline the server does not answer */
  show(isOffline: boolean, retryAt: number | undefined): void {
    // One that asks for patience has answered, but it is a while all the same.
    const isWaiting = isOffline || (retryAt !== undefined && retryAt - realSchedule.now() > quietMs);
    const text = isWaiting ? strings.loadingOffline : strings.loading;
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#tryNow.hidden = !isWaiting;
    if (isWaiting) this.#countdown.show(retryAt);
    else this.#countdown.stop();
  }
}

/** There is no room of this name. */
export function noRoomView(room: string): HTMLElement {
  return el(
    'main',
    { class: 'waiting' },
    el('h1', {}, strings.noSuchRoom(room)),
    el('p', {}, strings.noSuchRoomHint),
    el('a', { href: '/' }, strings.toFirstRoom),
  );
}

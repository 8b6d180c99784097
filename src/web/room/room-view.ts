/** The room as one sees it from inside: who, what, and where to write. */

import type { ComposerView } from '../composer/composer-view.ts';
import { el } from '../dom.ts';
import type { LogView } from '../log/log-view.ts';
import type { RosterView } from '../roster/roster-view.ts';
import type { ConnectionState } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';

interface RoomActions {
  leave(): void;
  tryNow(): void;
}

export class RoomView {
  readonly element: HTMLElement;
  readonly #composer: ComposerView;
  readonly #stateText = el('span', { class: 'state-text' });
  readonly #state: HTMLElement;
  /** How it stands with the connection, and what can be done about it. */
  readonly #link: HTMLElement;
  readonly #tryNow = el('button', { class: 'quiet', type: 'button', hidden: '' }, strings.tryNow);
  /** Always there, so that what comes into it is read out. */
  readonly #notice = el('p', { class: 'calm', role: 'status' });
  readonly #banner = el('p', { class: 'banner', role: 'alert', hidden: '' });
  readonly #stopped = el('div', { class: 'stopped', role: 'alert', hidden: '' });
  readonly #leave = el('button', { class: 'quiet', type: 'button' }, strings.leave);

  constructor(room: string, log: LogView, roster: RosterView, composer: ComposerView, actions: RoomActions) {
    this.#composer = composer;
    this.#state = el(
      'p',
      { class: 'state', role: 'status' },
      el('span', { class: 'dot', 'aria-hidden': 'true' }),
      this.#stateText,
    );
    this.#link = el('div', { class: 'link' }, this.#state, this.#tryNow);
    this.element = el(
      'div',
      { class: 'room' },
      el(
        'header',
        { class: 'bar' },
        el('h1', {}, room),
        this.#link,
        el('span', { class: 'spring' }),
        roster.toggle,
        this.#leave,
      ),
      el('main', { class: 'talk' }, this.#notice, this.#banner, log.element, this.#stopped, composer.element),
      roster.element,
    );
    this.#leave.addEventListener('click', () => actions.leave());
    this.#tryNow.addEventListener('click', () => actions.tryNow());
    this.showState('connecting');
  }

  /** Back to how a stay begins. */
  reset(): void {
    this.#stopped.hidden = true;
    this.#leave.hidden = false;
    this.#link.hidden = false;
    this.#composer.element.hidden = false;
    this.#composer.showError('');
    this.showBanner('');
    this.showNotice('');
    this.showState('connecting');
  }

  showState(state: ConnectionState): void {
    this.#link.dataset.state = state;
    this.#state.title = strings.stateHints[state];
    if (this.#stateText.textContent !== strings.states[state]) {
      this.#stateText.textContent = strings.states[state];
    }
    this.#tryNow.hidden = state !== 'offline';
  }

  /** What is not as usual, said calmly. */
  showNotice(text: string): void {
    if (this.#notice.textContent !== text) this.#notice.textContent = text;
  }

  showBanner(text: string): void {
    this.#banner.textContent = text;
    this.#banner.hidden = text === '';
  }

  /** The stay is over; the log stays readable. */
  showStopped(text: string, label: string, onGoOn: () => void): void {
    const button = el('button', { class: 'primary', type: 'button' }, label);
    button.addEventListener('click', onGoOn, { once: true });
    this.#stopped.replaceChildren(el('p', {}, text), button);
    this.#stopped.hidden = false;
    this.#composer.element.hidden = true;
    this.#link.hidden = true;
    this.#leave.hidden = true;
  }
}

/** The room as one sees it from inside: who, what, and where to write. */

import type { ComposerView } from '../composer/composer-view.ts';
import { el } from '../dom.ts';
import type { LogView } from '../log/log-view.ts';
import type { RosterView } from '../roster/roster-view.ts';
import { strings } from '../text/strings.ts';
import type { ConnectionView } from './connection-view.ts';

interface RoomActions {
  leave(): void;
}

export class RoomView {
  readonly element: HTMLElement;
  readonly #composer: ComposerView;
  readonly #connection: ConnectionView;
  /** Always there, so that what comes into it is read out. */
  readonly #notice = el('p', { class: 'calm', role: 'status' });
  readonly #banner = el('p', { class: 'banner', role: 'alert', hidden: '' });
  readonly #stopped = el('div', { class: 'stopped', role: 'alert', hidden: '' });
  readonly #leave = el('button', { class: 'quiet', type: 'button' }, strings.leave);

  constructor(
    room: string,
    connection: ConnectionView,
    bell: HTMLElement,
    log: LogView,
    roster: RosterView,
    composer: ComposerView,
    actions: RoomActions,
  ) {
    this.#composer = composer;
    this.#connection = connection;
    const bar = el(
      'header',
      { class: 'bar' },
      el('h1', {}, room),
      connection.mark,
      el('span', { class: 'spring' }),
      bell,
      roster.toggle,
      composer.help.button,
      this.#leave,
    );
    const talk = el(
      'main',
      { class: 'talk' },
      this.#notice,
      this.#banner,
      connection.said,
      el('div', { class: 'over-log' }, connection.banner),
      log.element,
      this.#stopped,
      composer.element,
    );
    this.element = el('div', { class: 'room' }, bar, talk, roster.element, composer.help.dialog);
    this.#leave.addEventListener('click', () => actions.leave());
  }

  /** Back to how a stay begins. */
  reset(): void {
    this.#stopped.hidden = true;
    this.#leave.hidden = false;
    this.#connection.mark.hidden = false;
    this.#composer.element.hidden = false;
    this.#composer.showError('');
    this.showBanner('');
    this.showNotice('');
    this.#connection.showState('connecting');
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
    this.#connection.mark.hidden = true;
    this.#leave.hidden = true;
  }
}

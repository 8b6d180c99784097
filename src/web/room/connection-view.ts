/** How it stands with the connection: a small mark in the bar always, a banner over the log when it matters. */

import { el } from '../dom.ts';
import type { Standing } from '../stay/standing.ts';
import type { ConnectionState } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';
import { Countdown } from './countdown.ts';

interface ConnectionActions {
  tryNow(): void;
  dismiss(): void;
  /** The button that had the focus is gone. */
  focusLost(): void;
}

export class ConnectionView {
  /** For the bar. */
  readonly mark: HTMLElement;
  /** Lies over the log, which does not move under the reader's eyes. */
  readonly banner: HTMLElement;
  /** What is read out: each change once. Always there, so that what comes into it is heard. */
  readonly said = el('p', { class: 'unseen', role: 'status' });
  readonly #markText = el('span', { class: 'state-text' });
  readonly #text = el('p');
  readonly #countdown = new Countdown();
  readonly #tryNow = el('button', { type: 'button' }, strings.tryNow);
  readonly #dismiss = el('button', { class: 'quiet', type: 'button' }, strings.dismiss);
  readonly #actions: ConnectionActions;
  #kind: Standing['kind'] = 'fine';
  #state: ConnectionState = 'connecting';

  constructor(actions: ConnectionActions) {
    this.#actions = actions;
    const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
    this.mark = el('p', { class: 'state' }, dot, this.#markText);
    this.banner = el(
      'div',
      { class: 'trouble', hidden: '' },
      el('div', {}, this.#text, this.#countdown.element),
      this.#tryNow,
      this.#dismiss,
    );
    this.#tryNow.addEventListener('click', () => actions.tryNow());
    this.#dismiss.addEventListener('click', () => actions.dismiss());
  }

  showState(state: ConnectionState): void {
    this.#state = state;
    this.#showMark();
  }

  showStanding(standing: Standing): void {
    const { kind } = standing;
    const text = textOf(standing);
    if (kind === 'lost') this.#countdown.show(standing.retryAt);
    else this.#countdown.stop();
    const again = this.#kind === 'polling' ? '' : strings.connectedAgain;
    if (kind !== this.#kind) this.said.textContent = text || again;
    this.#kind = kind;
    this.#showMark();
    this.#text.textContent = text;
    this.banner.dataset.kind = kind;
    const focused = document.activeElement;
    this.banner.hidden = kind === 'fine';
    this.#tryNow.hidden = kind !== 'lost';
    this.#dismiss.hidden = kind !== 'polling';
    if (this.banner.contains(focused) && focused?.closest('[hidden]')) this.#actions.focusLost();
  }

  #showMark(): void {
    // A stream may seem alive for a while after the network is gone.
    const state = this.#kind === 'offline' ? 'offline' : this.#state;
    this.mark.dataset.state = state;
    this.mark.title = strings.stateHints[state];
    this.#markText.textContent = strings.states[state];
  }
}

function textOf(standing: Standing): string {
  switch (standing.kind) {
    case 'fine':
      return '';
    case 'offline':
      return strings.noNetwork;
    case 'lost':
      return strings.connectionLost;
    case 'polling':
      return strings.pollingWhy[standing.why ?? 'broken'];
  }
}

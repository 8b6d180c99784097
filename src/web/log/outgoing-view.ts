/** Messages that are not in the log yet, shown at its end: greyed while on their way, marked when failed. */

import type { Outgoing } from '../../client/outbox.ts';
import { el } from '../dom.ts';
import { textOf } from '../stay/problem-text.ts';
import { strings } from '../text/strings.ts';
import { messageEntry } from './entry.ts';

export class OutgoingView {
  readonly element = el('div', { class: 'outgoing' });
  readonly #onRetry: (key: string) => void;
  readonly #onDiscard: (key: string) => void;

  constructor(onRetry: (key: string) => void, onDiscard: (key: string) => void) {
    this.#onRetry = onRetry;
    this.#onDiscard = onDiscard;
  }

  /** @param isContinued whether the last entry of the log is one's own message */
  show(messages: readonly Outgoing[], ownName: string, isContinued: boolean): void {
    this.element.replaceChildren(
      ...messages.map((message, i) => {
        const entry = messageEntry(ownName, message.text, isContinued || i > 0, true);
        entry.classList.add(message.state === 'failed' ? 'failed' : 'pending');
        entry.append(message.state === 'failed' ? this.#failure(message) : pendingMark());
        return entry;
      }),
    );
  }

  #failure({ key, problem }: Outgoing): HTMLElement {
    const again = el('button', { type: 'button' }, strings.sendAgain);
    const discard = el('button', { type: 'button' }, strings.discard);
    again.addEventListener('click', () => this.#onRetry(key));
    discard.addEventListener('click', () => this.#onDiscard(key));
    return el(
      'p',
      { class: 'failure', role: 'alert' },
      `${problem === undefined ? strings.notSent : textOf(problem)} `,
      again,
      ' ',
      discard,
    );
  }
}

/** Told to screen readers at once, and to the eye only if it takes long (the style delays it). */
function pendingMark(): HTMLElement {
  return el('p', { class: 'sending' }, strings.sending);
}

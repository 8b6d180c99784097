/**
 * Messages that are not in the log yet, shown at its end: greyed while on their way, marked when failed. What has not
 * changed stays as it is: a failure is read out once, and keeps the focus while others talk.
 */

import type { Outgoing } from '../../client/outgoing.ts';
import { speechActOf } from '../../client/speech-act.ts';
import { el } from '../dom.ts';
import { textOf } from '../stay/problem-text.ts';
import { strings } from '../text/strings.ts';
import { messageEntry } from './entry.ts';

interface Shown {
  /** All that its element depends on. */
  readonly look: string;
  readonly element: HTMLElement;
}

export class OutgoingView {
  readonly element = el('div', { class: 'outgoing' });
  readonly #onRetry: (key: string) => void;
  readonly #onDiscard: (key: string) => void;
  #shown: ReadonlyMap<string, Shown> = new Map();
  #mark = strings.sending;

  constructor(onRetry: (key: string) => void, onDiscard: (key: string) => void) {
    this.#onRetry = onRetry;
    this.#onDiscard = onDiscard;
  }

  /** @param isContinued whether the last entry of the log is one's own message */
  show(messages: readonly Outgoing[], ownName: string, isContinued: boolean): void {
    const shown = new Map<string, Shown>();
    let goesOn = isContinued;
    for (const message of messages) {
      const { isAction } = speechActOf(message.text);
      shown.set(message.key, this.#entry(message, ownName, goesOn && !isAction));
      goesOn = !isAction;
    }
    for (const [key, { element }] of this.#shown) {
      if (shown.get(key)?.element !== element) element.remove();
    }
    [...shown.values()].forEach(({ element }, i) => {
      const there = this.element.children[i];
      if (there !== element) this.element.insertBefore(element, there ?? null);
    });
    this.#shown = shown;
  }

  /** @param isConnected whether messages are on their way, or wait for the connection */
  setConnected(isConnected: boolean): void {
    const mark = isConnected ? strings.sending : strings.sentLater;
    if (mark === this.#mark) return;
    this.#mark = mark;
    for (const there of this.element.querySelectorAll('.sending')) there.textContent = mark;
  }

  #entry(message: Outgoing, ownName: string, isContinued: boolean): Shown {
    const { key, text, state, problem } = message;
    const failure = state === 'failed' ? (problem === undefined ? strings.notSent : textOf(problem)) : '';
    const look = JSON.stringify([ownName, isContinued, state === 'failed', failure]);
    const before = this.#shown.get(key);
    if (before?.look === look) return before;
    const element = messageEntry(ownName, text, isContinued, true);
    element.classList.add(state === 'failed' ? 'failed' : 'pending');
    element.append(state === 'failed' ? this.#failure(key, failure) : pendingMark(this.#mark));
    return { look, element };
  }

  #failure(key: string, text: string): HTMLElement {
    const again = el('button', { type: 'button' }, strings.sendAgain);
    const discard = el('button', { type: 'button' }, strings.discard);
    again.addEventListener('click', () => this.#onRetry(key));
    discard.addEventListener('click', () => this.#onDiscard(key));
    return el('p', { class: 'failure', role: 'alert' }, `${text} `, again, ' ', discard);
  }
}

/** Told to screen readers at once, and to the eye only if it takes long (the style delays it). */
function pendingMark(text: string): HTMLElement {
  return el('p', { class: 'sending' }, text);
}

/** Asks for the token. */

import { ProblemError } from '../../client/problem.ts';
import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import { labelled } from './parts.ts';
import { mayBeToken } from './token-keeper.ts';

export interface DoorOptions {
  /** Why one is here again. */
  readonly said: string;
  /** @throws ProblemError if it is not the token, or nobody answers */
  enter(token: string): Promise<void>;
}

export class DoorView {
  readonly element: HTMLElement;
  readonly #options: DoorOptions;
  // Without a name, it stands in nothing that a form could send.
  readonly #field = el('input', {
    type: 'password',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    required: '',
  });
  readonly #error = el('p', { class: 'error', role: 'alert' });
  readonly #submit = el('button', { type: 'submit', class: 'primary' }, words.open);
  #isBusy = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    const form = el(
      'form',
      { novalidate: '', class: 'card' },
      el('p', { class: 'wordmark' }, words.product),
      el('h1', {}, words.title),
      el('p', { class: 'hint' }, words.doorLead),
      labelled(words.token, this.#field, words.tokenHint),
      this.#error,
      this.#submit,
    );
    this.#error.textContent = options.said;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#enter();
    });
    this.element = el('main', { class: 'door' }, form);
  }

  focus(): void {
    this.#field.focus();
  }

  async #enter(): Promise<void> {
    if (this.#isBusy) return;
    const token = this.#field.value.trim();
    if (token === '' || !mayBeToken(token)) {
      this.#refuse(token === '' ? words.tokenMissing : words.tokenImpossible);
      return;
    }
    this.#isBusy = true;
    this.#error.textContent = '';
    this.#submit.textContent = words.opening;
    try {
      await this.#options.enter(token);
      this.#field.value = '';
    } catch (thrown) {
      if (!(thrown instanceof ProblemError)) throw thrown;
      this.#refuse(refusalText(thrown));
    } finally {
      this.#isBusy = false;
      this.#submit.textContent = words.open;
    }
  }

  #refuse(text: string): void {
    this.#error.textContent = text;
    this.#field.setAttribute('aria-invalid', 'true');
    this.#field.select();
    this.#field.focus();
  }
}

/** Why nobody comes in by a token. */
export function refusalText({ problem }: ProblemError): string {
  switch (problem.code) {
    case 'credentials-required':
      return words.tokenWrong;
    case 'rate-limited':
      return words.tokenLimited(Math.ceil((problem.retryAfterMs ?? 1000) / 1000));
    case 'not-found':
      return words.noAdministration;
    case 'unreachable':
      return words.away;
    default:
      return words.trouble(problem.detail);
  }
}

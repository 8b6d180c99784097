/** The form through which one enters the room. */

import type { Problem } from '../../client/problem.ts';
import { el } from '../dom.ts';
import { textOf } from '../stay/problem-text.ts';
import { strings } from '../text/strings.ts';

export class JoinView {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #button: HTMLButtonElement;
  readonly #members = el('p', { class: 'members' });
  /** About the name, beside it. */
  readonly #nameError = el('p', { class: 'error', id: 'name-error' });
  /** About anything else. */
  readonly #notice = el('p', { class: 'notice', role: 'alert' });

  /** @param onJoin tries to join and answers with the problem, if there is one */
  constructor(room: string, onJoin: (name: string) => Promise<Problem | undefined>) {
    this.#input = el('input', {
      id: 'name',
      name: 'name',
      type: 'text',
      dir: 'auto',
      autocomplete: 'nickname',
      autocapitalize: 'words',
      spellcheck: 'false',
      enterkeyhint: 'go',
      'aria-describedby': 'name-error',
    });
    this.#button = el('button', { class: 'primary', type: 'submit' }, strings.joinSubmit);
    const form = el(
      'form',
      { class: 'card', novalidate: '' },
      el('p', { class: 'wordmark' }, strings.product),
      el('h1', {}, room),
      this.#members,
      this.#notice,
      el('label', { for: 'name' }, strings.joinName),
      this.#input,
      this.#nameError,
      this.#button,
    );
    this.element = el('main', { class: 'threshold' }, form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit(onJoin);
    });
    this.#input.addEventListener('input', () => this.#setNameError(''));
  }

  /** @param notice why one is here, if it was not one's own wish */
  show(name: string, notice = ''): void {
    this.#input.value = name;
    this.#notice.textContent = notice;
    this.#setNameError('');
    this.#setBusy(false);
  }

  /** A keyboard that pops up on a phone would hide the room's name: there the field waits to be tapped. */
  focus(): void {
    if (matchMedia('(pointer: coarse)').matches) return;
    this.#input.focus();
    this.#input.select();
  }

  showMembers(members: number | undefined): void {
    this.#members.textContent = members === undefined ? '' : strings.joinHere(members);
  }

  async #submit(onJoin: (name: string) => Promise<Problem | undefined>): Promise<void> {
    if (this.#button.disabled) return;
    const name = this.#input.value.trim();
    this.#notice.textContent = '';
    if (name === '') {
      this.#setNameError(strings.nameMissing);
      return this.#input.focus();
    }
    this.#setBusy(true);
    const problem = await onJoin(name);
    this.#setBusy(false);
    if (problem === undefined) return;
    if (problem.status === 409 || problem.status === 422) {
      this.#setNameError(textOf(problem));
      this.#input.focus();
      this.#input.select();
    } else {
      this.#notice.textContent = textOf(problem);
    }
  }

  #setBusy(isBusy: boolean): void {
    this.#button.disabled = isBusy;
    this.#button.textContent = isBusy ? strings.joinBusy : strings.joinSubmit;
  }

  #setNameError(text: string): void {
    this.#nameError.textContent = text;
    if (text === '') this.#input.removeAttribute('aria-invalid');
    else this.#input.setAttribute('aria-invalid', 'true');
  }
}

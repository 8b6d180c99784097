/** The door of the room: the form through which one enters, and what is seen from there. */

import type { Problem } from '../../client/problem.ts';
import { el, mayTakeFocus } from '../dom.ts';
import { textOf } from '../stay/problem-text.ts';
import { strings } from '../text/strings.ts';
import { Field } from './field.ts';
import type { Glimpse } from './glimpse.ts';
import { GlimpseView } from './glimpse-view.ts';
import { nameRefusal } from './name-check.ts';

/** Tries to join and answers with the problem, if there is one. */
type Join = (name: string, password: string | undefined) => Promise<Problem | undefined>;

export class JoinView {
  readonly element: HTMLElement;
  readonly #name = new Field('name', strings.joinName, {
    type: 'text',
    dir: 'auto',
    autocomplete: 'nickname',
    autocapitalize: 'words',
    spellcheck: 'false',
    enterkeyhint: 'go',
  });
  /** There only where the server asks for one; kept nowhere. */
  readonly #password = new Field('password', strings.joinPassword, {
    type: 'password',
    autocomplete: 'current-password',
    enterkeyhint: 'go',
  });
  readonly #button = el('button', { class: 'primary', type: 'submit' }, strings.joinSubmit);
  readonly #glimpse = new GlimpseView();
  /** About anything but the fields. */
  readonly #notice = el('p', { class: 'notice', role: 'alert' });

  constructor(room: string, onJoin: Join) {
    const form = el(
      'form',
      { class: 'card', novalidate: '' },
      el('p', { class: 'wordmark' }, strings.product),
      el('h1', {}, room),
      this.#notice,
      this.#name.element,
      this.#password.element,
      this.#button,
    );
    this.element = el('main', { class: 'threshold' }, form, this.#glimpse.element);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit(onJoin);
    });
    this.#password.hide();
  }

  /**
   * @param notice why one is here, if it was not one's own wish
   * @param needsPassword the server asks for one
   */
  show(name: string, notice: string, needsPassword: boolean): void {
    this.#name.value = name;
    this.#notice.textContent = notice;
    this.#setBusy(false);
    if (needsPassword) this.#password.show();
    else this.#password.hide();
  }

  /** A keyboard that pops up on a phone would hide the room's name: there the field waits to be tapped. */
  focus(): void {
    if (matchMedia('(pointer: coarse)').matches || !mayTakeFocus()) return;
    if (this.#password.isShown && this.#name.value !== '') this.#password.focus();
    else this.#name.focus();
  }

  /** What is seen of the room; undefined: nothing. */
  showGlimpse(glimpse: Glimpse | undefined): void {
    this.#glimpse.show(glimpse);
  }

  async #submit(onJoin: Join): Promise<void> {
    if (this.#button.disabled) return;
    const name = this.#name.value.trim();
    const password = this.#password.isShown ? this.#password.value : undefined;
    this.#notice.textContent = '';
    if (name === '') return this.#name.refuse(strings.nameMissing);
    if (password === '') return this.#password.refuse(strings.passwordMissing);
    this.#setBusy(true);
    const problem = await onJoin(name, password);
    this.#setBusy(false);
    if (problem === undefined) this.#password.hide();
    else this.#refused(problem, name, password !== undefined);
  }

  #refused(problem: Problem, name: string, hadPassword: boolean): void {
    const { code, status } = problem;
    if (code === 'credentials-required' && !hadPassword) this.#password.ask(strings.passwordNeeded);
    else if (hadPassword && (status === 401 || status === 403)) this.#password.refuse(textOf(problem));
    else if (status === 409) this.#name.refuse(textOf(problem));
    else if (code === 'invalid-name') this.#name.refuse(nameRefusal(name) ?? textOf(problem));
    else this.#notice.textContent = textOf(problem);
  }

  #setBusy(isBusy: boolean): void {
    this.#button.disabled = isBusy;
    this.#button.textContent = isBusy ? strings.joinBusy : strings.joinSubmit;
  }
}

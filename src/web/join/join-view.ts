/** The door of the room: the form through which one enters, and what is seen from there. */

import type { Problem } from '../../client/problem.ts';
import type { Login } from '../../client/wire.ts';
import { el, isFramed, mayTakeFocus } from '../dom.ts';
import { textOf } from '../stay/problem-text.ts';
import { language, strings } from '../text/strings.ts';
import { type Asked, askedBy } from './asked.ts';
import { Field } from './field.ts';
import type { Glimpse } from './glimpse.ts';
import { GlimpseView } from './glimpse-view.ts';
import type { SignInView } from './sign-in-view.ts';

/** Tries to join and answers with the problem, if there is one. */
type Join = (name: string | undefined, password: string | undefined) => Promise<Problem | undefined>;

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
  /** There only where one may come in by being known elsewhere. */
  #signIn: SignInView | undefined;
  readonly #room: string;
  readonly #join: Join;
  readonly #glimpse = new GlimpseView();
  /** About anything but the fields. */
  readonly #notice = el('p', { class: 'notice', role: 'alert' });
  #login: Login | undefined;
  /** What came along was not good enough. */
  #isRefused = false;

  constructor(room: string, onJoin: Join) {
    this.#room = room;
    this.#join = onJoin;
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
      void this.#submit();
    });
  }

  /**
   * @param notice why one is here, if it was not one's own wish
   * @param needsPassword the server asks for one
   */
  show(name: string, notice: string, needsPassword: boolean): void {
    this.#name.value = name;
    this.#notice.textContent = notice;
    this.#isRefused = false;
    this.#setBusy(false);
    this.#password.hide();
    this.#showFields();
    if (needsPassword && this.#asked.password === 'later') this.#password.show();
  }

  /** @param login what it takes to come in; undefined: nobody can say */
  async setLogin(login: Login | undefined): Promise<void> {
    // Somebody who has signed in elsewhere meanwhile has something else to show.
    if (!login?.given) this.#isRefused = false;
    const { isGiven, missing } = askedBy(login, false);
    if (isGiven || missing !== undefined || login?.signIn !== undefined) await this.#loadSignIn();
    this.#login = login;
    this.#showFields();
    // The next try to come in clears it, as it does all that is said there.
    this.#notice.textContent ||= login?.refusal ?? '';
  }

  /** A keyboard that pops up on a phone would hide the room's name: there the field waits to be tapped. */
  focus(): void {
    if (matchMedia('(pointer: coarse)').matches || !mayTakeFocus()) return;
    if (!this.#name.isShown) (this.#button.hidden ? this.#signIn?.link : this.#button)?.focus();
    else if (this.#password.isShown && this.#name.value !== '') this.#password.focus();
    else this.#name.focus();
  }

  /** As the button does, if nothing need be typed. */
  async enter(): Promise<void> {
    this.#isRefused = false;
    this.#showFields();
    if (this.#asked.isGiven) await this.#submit();
  }

  /** What is seen of the room; undefined: nothing. */
  showGlimpse(glimpse: Glimpse | undefined): void {
    this.#glimpse.show(glimpse);
  }

  get #asked(): Asked {
    return askedBy(this.#login, this.#isRefused);
  }

  #showFields(): void {
    const asked = this.#asked;
    if (asked.name) this.#name.show();
    else this.#name.element.hidden = true;
    if (asked.password === 'always') this.#password.show();
    else if (asked.password === 'never') this.#password.hide();
    this.#button.hidden = !asked.name && !asked.isGiven;
    if (this.#login) this.#signIn?.show(this.#login, asked);
  }

  async #loadSignIn(): Promise<void> {
    try {
      const { SignInView } = await import('./sign-in-view.ts');
      if (this.#signIn) return;
      const wayOut = isFramed() ? { address: `/${this.#room}`, text: strings.openInTab } : undefined;
      this.#signIn = new SignInView({ el, language: language.tag, wayOut });
      this.#notice.after(this.#signIn.hint);
      this.#button.after(this.#signIn.link);
    } catch {
      // Its file did not come; what else there is to come in by is shown.
    }
  }

  async #submit(): Promise<void> {
    if (this.#button.disabled || this.#button.hidden) return;
    const name = this.#name.isShown ? this.#name.value.trim() : undefined;
    const password = this.#password.isShown ? this.#password.value : undefined;
    this.#notice.textContent = '';
    this.#name.forgive();
    this.#password.forgive();
    if (name === '') return this.#name.refuse(strings.nameMissing);
    if (password === '') return this.#password.refuse(strings.passwordMissing);
    this.#setBusy(true);
    const problem = await this.#join(name, password);
    this.#setBusy(false);
    if (problem === undefined) this.#password.hide();
    else this.#refused(problem, name, password !== undefined);
  }

  #refused(problem: Problem, name: string | undefined, hadPassword: boolean): void {
    const { code, status } = problem;
    if (name === undefined) this.#refusedUnnamed(problem);
    else if (code === 'credentials-required' && !hadPassword) this.#password.ask(strings.passwordNeeded);
    else if (hadPassword && (status === 401 || status === 403)) this.#password.refuse(textOf(problem));
    else if (status === 409) this.#name.refuse(textOf(problem));
    else if (code === 'invalid-name') void this.#refusedName(name, problem);
    else this.#notice.textContent = textOf(problem);
  }

  async #refusedName(name: string, problem: Problem): Promise<void> {
    const check = await import('./name-check.ts').catch(() => undefined);
    const refusal = check?.nameRefusal(name, language.tag, this.#login?.maxNameLength);
    this.#name.refuse(refusal ?? textOf(problem));
  }

  /** Somebody came by what came along. */
  #refusedUnnamed(problem: Problem): void {
    const isInvalid = problem.code === 'credentials-required';
    this.#notice.textContent = (isInvalid && this.#signIn?.refused) || textOf(problem);
    if (!isInvalid) return;
    this.#isRefused = true;
    this.#showFields();
    this.focus();
  }

  #setBusy(isBusy: boolean): void {
    this.#button.disabled = isBusy;
    this.#button.textContent = isBusy ? strings.joinBusy : strings.joinSubmit;
  }
}

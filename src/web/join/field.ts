/** One line to fill in, with its label, and beside it what is wrong with it. */

import { el } from '../dom.ts';

export class Field {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  /** Named by the input as its description, so it is read when the input gets the focus. */
  readonly #remark: HTMLElement;

  constructor(id: string, label: string, attributes: Readonly<Record<string, string>>) {
    const remarkId = `${id}-remark`;
    this.#input = el('input', { id, name: id, 'aria-describedby': remarkId, ...attributes });
    this.#remark = el('p', { id: remarkId });
    this.element = el(
      'div',
      { class: 'entry-field' },
      el('label', { for: id }, label),
      this.#input,
      this.#remark,
    );
    this.#input.addEventListener('input', () => this.#say('', false));
  }

  get value(): string {
    return this.#input.value;
  }

  set value(text: string) {
    this.#input.value = text;
    this.#say('', false);
  }

  get isShown(): boolean {
    return !this.element.hidden;
  }

  show(): void {
    this.element.hidden = false;
  }

  /** Forgets what was written. */
  hide(): void {
    this.value = '';
    this.element.hidden = true;
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  /** Whatever was said of it is over. */
  forgive(): void {
    this.#say('', false);
  }

  /** Shows it, with the reason why it is needed. */
  ask(reason: string): void {
    this.show();
    this.#say(reason, false);
    this.focus();
  }

  refuse(reason: string): void {
    this.#say(reason, true);
    this.focus();
  }

  #say(text: string, isError: boolean): void {
    this.#remark.textContent = text;
    this.#remark.className = isError ? 'error' : 'remark';
    if (isError) this.#input.setAttribute('aria-invalid', 'true');
    else this.#input.removeAttribute('aria-invalid');
  }
}

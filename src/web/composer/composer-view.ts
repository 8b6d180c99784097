/** Where messages are written. Enter sends, Shift+Enter breaks the line. */

import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';

export class ComposerView {
  readonly element: HTMLFormElement;
  readonly #input: HTMLTextAreaElement;
  readonly #error = el('p', { class: 'error', id: 'composer-error', role: 'alert' });
  readonly #onDraft: (text: string) => void;

  /**
   * @param onSend takes the text; answers with what is wrong, if it does not
   * @param onDraft hears of every change
   */
  constructor(onSend: (text: string) => string | undefined, onDraft: (text: string) => void) {
    this.#onDraft = onDraft;
    this.#input = el('textarea', {
      id: 'message',
      name: 'message',
      rows: '1',
      dir: 'auto',
      placeholder: strings.composeHint,
      autocomplete: 'off',
      enterkeyhint: 'send',
      'aria-describedby': 'composer-error',
    });
    this.element = el(
      'form',
      { class: 'composer', novalidate: '' },
      el(
        'div',
        { class: 'column' },
        this.#error,
        el(
          'div',
          { class: 'field' },
          el('label', { class: 'unseen', for: 'message' }, strings.compose),
          this.#input,
          el('button', { class: 'primary', type: 'submit' }, strings.send),
        ),
      ),
    );
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit(onSend);
    });
    this.#input.addEventListener('keydown', (event) => {
      // While an input method composes, Enter chooses a word; Safari tells it by key code 229 alone.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit(onSend);
    });
    this.#input.addEventListener('input', () => {
      this.#fit();
      this.#onDraft(this.#input.value);
      this.showError('');
    });
  }

  get isEmpty(): boolean {
    return this.#input.value.trim() === '';
  }

  setText(text: string): void {
    this.#input.value = text;
    this.#onDraft(text);
    this.#fit();
  }

  showError(text: string): void {
    if (this.#error.textContent !== text) this.#error.textContent = text;
  }

  focus(): void {
    if (!matchMedia('(pointer: coarse)').matches) this.#input.focus();
  }

  #submit(onSend: (text: string) => string | undefined): void {
    if (this.isEmpty) return;
    const problem = onSend(this.#input.value);
    if (problem === undefined) this.setText('');
    this.showError(problem ?? '');
    this.#input.focus();
  }

  /** As high as its text; the style sets the limit. */
  #fit(): void {
    this.#input.style.height = 'auto';
    if (this.#input.scrollHeight === 0) return;
    const border = this.#input.offsetHeight - this.#input.clientHeight;
    this.#input.style.height = `${this.#input.scrollHeight + border}px`;
  }
}

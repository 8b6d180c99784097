/** The field in which a message is written: as high as its text, free of what no message may have, with its length. */

import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';
import { LengthView } from './length-view.ts';
import { withoutControls } from './message-check.ts';

export class MessageField {
  readonly input: HTMLTextAreaElement;
  /** How much more may be written. */
  readonly length: HTMLElement;
  readonly #lengthView: LengthView;
  readonly #onChange: (text: string) => void;
  #maxBytes = Number.POSITIVE_INFINITY;

  /**
   * @param announce tells somebody who does not see it
   * @param onChange hears of every change
   */
  constructor(announce: (text: string) => void, onChange: (text: string) => void) {
    this.#onChange = onChange;
    this.#lengthView = new LengthView(announce);
    this.length = this.#lengthView.element;
    this.input = el('textarea', {
      id: 'message',
      name: 'message',
      rows: '1',
      dir: 'auto',
      placeholder: strings.composeHint,
      autocomplete: 'off',
      enterkeyhint: 'send',
    });
  }

  get text(): string {
    return this.input.value;
  }

  set text(text: string) {
    this.input.value = text;
    this.#changed();
  }

  /** How long a message may be. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  limit(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#lengthView.show(this.text, maxBytes);
  }

  /**
   * Something was typed or pasted. What no message may have is taken out, but not from under an input method.
   *
   * @returns whether something was taken out
   */
  typed(isComposing: boolean): boolean {
    const isClean = isComposing || !this.#clean();
    this.#changed();
    return !isClean;
  }

  #clean(): boolean {
    const { value, selectionEnd } = this.input;
    const clean = withoutControls(value);
    if (clean === value) return false;
    const caret = withoutControls(value.slice(0, selectionEnd)).length;
    this.input.value = clean;
    this.input.setSelectionRange(caret, caret);
    return true;
  }

  #changed(): void {
    this.#lengthView.show(this.text, this.#maxBytes);
    this.#fit();
    this.#onChange(this.text);
  }

  /** As high as its text; the style sets the limit. */
  #fit(): void {
    this.input.style.height = 'auto';
    if (this.input.scrollHeight === 0) return;
    const border = this.input.offsetHeight - this.input.clientHeight;
    this.input.style.height = `${this.input.scrollHeight + border}px`;
  }
}

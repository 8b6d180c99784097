/** What can be done by commands and keys. */

import { el } from '../dom.ts';
import { language, strings } from '../text/strings.ts';

export class HelpView {
  readonly button: HTMLButtonElement;
  readonly dialog: HTMLDialogElement;
  readonly #lists = el('div', {});

  constructor() {
    const label = strings.help;
    const close = el('button', { class: 'quiet', type: 'button' }, strings.helpClose);
    this.button = el('button', { class: 'quiet help-open', type: 'button', title: label }, '?');
    this.button.setAttribute('aria-label', label);
    this.dialog = el(
      'dialog',
      { class: 'help', 'aria-labelledby': 'help-title' },
      el(
        'div',
        { class: 'sheet' },
        el('div', { class: 'help-head' }, el('h2', { id: 'help-title' }, label), close),
        this.#lists,
      ),
    );
    this.button.addEventListener('click', () => void this.open());
    close.addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('click', ({ target }) => {
      // The sheet fills the dialog: what else is hit is the backdrop.
      if (target === this.dialog) this.dialog.close();
    });
  }

  /** The browser gives the focus back when it closes. */
  async open(): Promise<void> {
    try {
      const { commands, keys } = (await import('../text/help.ts')).helpWords(language.tag);
      this.#lists.replaceChildren(
        el('h3', {}, strings.helpCommands),
        listOf(commands, 'code'),
        el('h3', {}, strings.helpKeys),
        listOf(keys, 'kbd'),
      );
    } catch {
      // Its file did not come: it is asked for again the next time.
      this.#lists.replaceChildren(el('p', {}, strings.unreachable));
    }
    if (this.dialog.isConnected && !this.dialog.open) this.dialog.showModal();
  }
}

function listOf(entries: readonly (readonly [string, string])[], tag: 'code' | 'kbd'): HTMLElement {
  return el(
    'dl',
    {},
    ...entries.flatMap(([term, text]) => [el('dt', {}, el(tag, {}, term)), el('dd', {}, text)]),
  );
}

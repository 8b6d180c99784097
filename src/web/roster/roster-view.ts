/** Who is here: always beside the log where there is room, behind a button where there is not. */

import { el } from '../dom.ts';
import { avatarOf, nameOf, tint } from '../person.ts';
import { strings } from '../text/strings.ts';

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

export class RosterView {
  readonly element: HTMLElement;
  readonly toggle: HTMLButtonElement;
  readonly #list = el('ul', { role: 'list' });
  readonly #count = el('span', { class: 'count' });
  #names: readonly string[] = [];
  #ownName = '';
  #isDrawPending = false;

  constructor() {
    const close = el('button', { class: 'quiet', type: 'button' }, strings.rosterClose);
    this.element = el(
      'aside',
      { id: 'roster', class: 'roster', 'aria-label': strings.roster },
      el('div', { class: 'roster-head' }, el('h2', {}, strings.roster, ' ', this.#count), close),
      this.#list,
    );
    this.toggle = el('button', {
      class: 'quiet people',
      type: 'button',
      'aria-controls': 'roster',
      'aria-expanded': 'false',
    });
    this.toggle.addEventListener('click', () => this.#open(!this.element.classList.contains('open')));
    close.addEventListener('click', () => {
      this.#open(false);
      this.toggle.focus();
    });
    document.addEventListener('click', ({ target }) => {
      if (target instanceof Node && !this.element.contains(target) && target !== this.toggle)
        this.#open(false);
    });
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.element.classList.contains('open')) return;
      this.#open(false);
      this.toggle.focus();
    });
  }

  show(names: readonly string[], ownName: string): void {
    this.#names = names;
    this.#ownName = ownName;
    if (this.#isDrawPending) return;
    this.#isDrawPending = true;
    // Once per frame: a crowd may come at once.
    requestAnimationFrame(() => {
      this.#isDrawPending = false;
      this.#draw();
    });
  }

  #open(isOpen: boolean): void {
    if (isOpen === this.element.classList.contains('open')) return;
    this.element.classList.toggle('open', isOpen);
    this.toggle.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) this.element.querySelector('button')?.focus();
  }

  #draw(): void {
    const sorted = [...this.#names].sort(
      (a, b) => Number(b === this.#ownName) - Number(a === this.#ownName) || collator.compare(a, b),
    );
    this.#count.textContent = String(sorted.length);
    this.toggle.textContent = strings.rosterCount(sorted.length);
    this.toggle.setAttribute('aria-label', strings.rosterOpen(sorted.length));
    this.#list.replaceChildren(
      ...sorted.map((name) => {
        const isOwn = name === this.#ownName;
        const item = el('li', {}, avatarOf(name), nameOf(name));
        if (isOwn) item.append(' ', el('span', { class: 'you' }, strings.you));
        tint(item, name);
        return item;
      }),
    );
  }
}

/** Who is here: always beside the log where there is room, behind a button where there is not. */

import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';
import { Drawer } from './drawer.ts';
import { MemberList } from './member-list.ts';
import { Newcomers } from './newcomers.ts';

/** Of more people than this one may look for somebody. */
const fewPeople = 10;

export class RosterView {
  readonly element: HTMLElement;
  readonly toggle: HTMLButtonElement;
  readonly #list: MemberList;
  readonly #drawer: Drawer;
  readonly #newcomers = new Newcomers();
  readonly #count = el('span', { class: 'count' });
  readonly #filter: HTMLInputElement;
  /** What the filter found, for those who do not see it; joins and leaves are the log's to announce. */
  readonly #status = el('p', { class: 'unseen', role: 'status' });
  readonly #nobody = el('p', { class: 'nobody', hidden: '' }, strings.rosterNobody);
  #names: readonly string[] = [];
  #ownName = '';
  #isDrawPending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onPick hears which name was chosen */
  constructor(onPick: (name: string) => void) {
    const close = el('button', { class: 'quiet', type: 'button' }, strings.rosterClose);
    this.#filter = el('input', {
      type: 'search',
      'aria-label': strings.rosterFilter,
      placeholder: strings.rosterFilter,
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      dir: 'auto',
      hidden: '',
    });
    this.#list = new MemberList((name) => {
      this.#drawer.close();
      onPick(name);
    });
    this.element = el(
      'div',
      { id: 'roster', role: 'complementary', class: 'roster', 'aria-label': strings.roster },
      el('div', { class: 'roster-head' }, el('h2', {}, strings.roster, ' ', this.#count), close),
      this.#filter,
      this.#status,
      this.#nobody,
      this.#list.element,
    );
    this.toggle = el('button', {
      class: 'quiet people',
      type: 'button',
      'aria-controls': 'roster',
      'aria-expanded': 'false',
    });
    this.#drawer = new Drawer(this.element, this.toggle, () => this.#search(''));
    close.addEventListener('click', () => this.#drawer.close());
    this.#filter.addEventListener('input', () => {
      const { found, isActive } = this.#showFound();
      const text = found === 0 ? strings.rosterNobody : strings.rosterOf(found, this.#names.length);
      this.#status.textContent = isActive ? text : '';
    });
    this.#filter.addEventListener('keydown', (event) => {
      if (!event.isComposing && this.#take(event.key)) event.preventDefault();
    });
  }

  show(names: readonly string[], ownName: string): void {
    this.#names = names;
    this.#ownName = ownName;
    this.#newcomers.update(names, ownName, performance.now());
    if (this.#isDrawPending) return;
    this.#isDrawPending = true;
    // Once per frame: a crowd may come at once.
    requestAnimationFrame(() => {
      this.#isDrawPending = false;
      this.#draw();
    });
  }

  /** Back to how a stay begins. */
  reset(): void {
    this.#drawer.close();
    this.#search('');
    this.#setShown(true);
  }

  /** The stay is over, and who is here is not known any more. */
  end(): void {
    this.#drawer.close();
    this.#setShown(false);
  }

  #setShown(isShown: boolean): void {
    this.element.hidden = !isShown;
    this.toggle.hidden = !isShown;
  }

  #draw(): void {
    const { length } = this.#names;
    this.#list.show(this.#names, this.#ownName);
    this.toggle.textContent = strings.rosterCount(length);
    this.toggle.setAttribute('aria-label', strings.rosterOpen(length));
    // Nobody is bereft of a field that he is using.
    const isInUse = this.#filter.value !== '' || this.#filter === document.activeElement;
    this.#filter.hidden = length <= fewPeople && !isInUse;
    this.#showFound();
    this.#mark();
  }

  #mark(): void {
    const now = performance.now();
    this.#list.mark(this.#newcomers.names(now));
    clearTimeout(this.#timer);
    const nextMs = this.#newcomers.nextChangeMs(now);
    if (nextMs !== undefined) this.#timer = setTimeout(() => this.#mark(), nextMs + 1);
  }

  #showFound(): { found: number; isActive: boolean } {
    const isActive = this.#filter.value.trim() !== '';
    const found = this.#list.filter(this.#filter.value);
    const { length } = this.#names;
    this.#count.textContent = isActive ? strings.rosterOf(found, length) : strings.rosterAll(length);
    this.#nobody.hidden = found > 0 || !isActive;
    return { found, isActive };
  }

  #search(text: string): void {
    this.#filter.value = text;
    this.#status.textContent = '';
    this.#showFound();
  }

  /** Whether the key was for the filter. */
  #take(key: string): boolean {
    const isActive = this.#filter.value !== '';
    if (key === 'ArrowDown') return this.#list.focusFirst();
    if (key === 'Enter' && isActive) this.#list.pickFirst();
    else if (key === 'Escape' && isActive) this.#search('');
    else return false;
    return true;
  }
}

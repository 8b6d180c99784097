/**
 * The names as a list that changes by what came and went: a room may have thousands. It is one Tab stop; the arrows go
 * through it, and Enter chooses.
 */

import { ledTo } from '../arrow-keys.ts';
import { el } from '../dom.ts';
import { byName, fold } from '../names.ts';
import { avatarOf, nameOf, tint } from '../person.ts';
import { strings } from '../text/strings.ts';

interface Item {
  readonly element: HTMLLIElement;
  /** Undefined for oneself: one has nothing to say to oneself. */
  readonly button: HTMLButtonElement | undefined;
  readonly folded: string;
}

export class MemberList {
  readonly element = el('ul', { role: 'list' });
  readonly #items = new Map<string, Item>();
  #sorted: readonly string[] = [];
  #ownName = '';
  #query = '';
  #marks = new Map<string, HTMLElement>();
  /** What Tab goes to. */
  #stop: HTMLButtonElement | undefined;

  /** @param onPick hears which name was chosen */
  constructor(onPick: (name: string) => void) {
    this.element.addEventListener('click', ({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      const name = this.#sorted.find((one) => this.#items.get(one)?.button === button);
      if (button !== null && name !== undefined) onPick(name);
    });
    this.element.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (this.#go(event.key)) event.preventDefault();
    });
    this.element.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLButtonElement) this.#stopAt(target);
    });
  }

  /** Oneself first, the others by name; those who stay keep their places in the document. */
  show(names: readonly string[], ownName: string): void {
    if (ownName !== this.#ownName) this.clear();
    this.#ownName = ownName;
    const here = new Set(names);
    for (const name of this.#sorted) if (!here.has(name)) this.#remove(name);
    const stayed = this.#sorted.filter((name) => here.has(name));
    const fresh = [...here].filter((name) => !this.#items.has(name)).sort((a, b) => this.#order(a, b));
    const sorted: string[] = [];
    let next = 0;
    for (const name of fresh) {
      while (next < stayed.length && this.#order(stayed[next] ?? '', name) < 0)
        sorted.push(stayed[next++] ?? '');
      const item = this.#itemOf(name);
      this.#items.set(name, item);
      this.element.insertBefore(item.element, this.#items.get(stayed[next] ?? '')?.element ?? null);
      sorted.push(name);
    }
    this.#sorted = [...sorted, ...stayed.slice(next)];
    this.#stopSomewhere();
  }

  /** Shows those alone who have this in their names; the answer is how many. */
  filter(text: string): number {
    this.#query = fold(text.trim());
    let count = 0;
    for (const item of this.#items.values()) {
      const isMatch = this.#isMatch(item);
      if (isMatch) count += 1;
      if (item.element.hidden === isMatch) item.element.hidden = !isMatch;
    }
    this.#stopSomewhere();
    return count;
  }

  /** Marks those who came just now, and nobody else. */
  mark(names: ReadonlySet<string>): void {
    for (const [name, mark] of this.#marks) {
      if (names.has(name) && mark.isConnected) continue;
      mark.remove();
      this.#marks.delete(name);
    }
    for (const name of names) {
      const button = this.#items.get(name)?.button;
      if (button === undefined || this.#marks.has(name)) continue;
      const mark = el('span', { class: 'new' }, strings.newHere);
      button.append(' ', mark);
      this.#marks.set(name, mark);
    }
  }

  /** To the first one shown; whether there is one. */
  focusFirst(): boolean {
    return this.#go('Home');
  }

  /** Chooses the first one shown. */
  pickFirst(): void {
    this.#shown()[0]?.click();
  }

  clear(): void {
    this.element.replaceChildren();
    this.#items.clear();
    this.#marks.clear();
    this.#sorted = [];
    this.#stop = undefined;
  }

  #order(a: string, b: string): number {
    return Number(b === this.#ownName) - Number(a === this.#ownName) || byName(a, b);
  }

  #isMatch({ folded }: Item): boolean {
    return folded.includes(this.#query);
  }

  #itemOf(name: string): Item {
    const isOwn = name === this.#ownName;
    const about = [avatarOf(name), nameOf(name)];
    const own = () =>
      el('span', { class: 'member' }, ...about, ' ', el('span', { class: 'you' }, strings.you));
    const button = isOwn
      ? undefined
      : el('button', { class: 'member', type: 'button', tabindex: '-1' }, ...about);
    const element = el('li', {}, button ?? own());
    tint(element, name);
    const item = { element, button, folded: fold(name) };
    element.hidden = !this.#isMatch(item);
    return item;
  }

  #remove(name: string): void {
    const item = this.#items.get(name);
    this.#items.delete(name);
    const hadFocus = item !== undefined && item.button === document.activeElement;
    const neighbour = hadFocus ? (this.#beside(item.button, 1) ?? this.#beside(item.button, -1)) : undefined;
    item?.element.remove();
    if (this.#stop === item?.button) this.#stop = undefined;
    neighbour?.focus();
  }

  /** All that can be chosen and are shown. */
  #shown(): HTMLButtonElement[] {
    return [...this.element.querySelectorAll<HTMLButtonElement>('li:not([hidden]) > button')];
  }

  #beside(button: HTMLButtonElement | undefined, step: 1 | -1): HTMLButtonElement | undefined {
    const shown = this.#shown();
    const index = button === undefined ? -1 : shown.indexOf(button);
    return index < 0 ? undefined : shown[index + step];
  }

  #go(key: string): boolean {
    const shown = this.#shown();
    const at =
      document.activeElement instanceof HTMLButtonElement ? shown.indexOf(document.activeElement) : -1;
    const next = ledTo(key, shown, at);
    next?.focus();
    return next !== undefined;
  }

  #stopAt(button: HTMLButtonElement | undefined): void {
    if (this.#stop !== undefined) this.#stop.tabIndex = -1;
    this.#stop = button;
    if (button !== undefined) button.tabIndex = 0;
  }

  #stopSomewhere(): void {
    if (this.#stop !== undefined && !this.#stop.closest('li')?.hidden) return;
    this.#stopAt(this.element.querySelector<HTMLButtonElement>('li:not([hidden]) > button') ?? undefined);
  }
}

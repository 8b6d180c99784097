/** Small things that several parts of the page are made of. */

import { el } from '../dom.ts';

/** A button that does something; `name` says more than its text, for who does not see what is around it. */
export function button(text: string, act: () => void, className = '', name = ''): HTMLButtonElement {
  const element = el('button', { type: 'button', class: className }, text);
  if (name !== '') element.setAttribute('aria-label', name);
  element.addEventListener('click', act);
  return element;
}

/** Changes a text only if it is another: what listens, selects or is focused is left in peace. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

let ids = 0;

/** An id that no other element has. */
export function freshId(of: string): string {
  return `${of}-${++ids}`;
}

/** A field with its label, and a hint under it. */
export function labelled(label: string, input: HTMLElement, hint = ''): HTMLElement {
  if (input.id === '') input.id = freshId('field');
  const hints = hint === '' ? [] : [el('p', { id: `${input.id}-hint`, class: 'hint' }, hint)];
  if (hint !== '') input.setAttribute('aria-describedby', `${input.id}-hint`);
  return el('div', { class: 'field' }, el('label', { for: input.id }, label), input, ...hints);
}

/** A choice of one, by value and text. */
export function choice(options: Iterable<readonly [value: string, text: string]>): HTMLSelectElement {
  return el('select', {}, ...Array.from(options, ([value, text]) => el('option', { value }, text)));
}

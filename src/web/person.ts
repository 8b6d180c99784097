/** How a member is shown, wherever he is. */

import { el } from './dom.ts';

let graphemes: Intl.Segmenter | undefined;

/** A member's name, kept from turning the direction of the text around it. */
export function nameOf(name: string, className = 'name'): HTMLElement {
  return el('bdi', { class: className }, name);
}

/** A hue that stays with a name, so that people can be told apart at a glance. Lightness is the style's. */
export function tint(element: HTMLElement, name: string): void {
  let hash = 0;
  for (const char of name.toLowerCase()) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  element.style.setProperty('--hue', String((Math.imul(hash, 2654435761) >>> 0) % 360));
}

/** The first letter of a name, for the eye only. */
export function avatarOf(name: string): HTMLElement {
  if ('Segmenter' in Intl) graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const first = graphemes?.segment(name)[Symbol.iterator]().next().value?.segment ?? [...name][0] ?? '';
  return el('span', { class: 'avatar', 'aria-hidden': 'true' }, first.toLocaleUpperCase());
}

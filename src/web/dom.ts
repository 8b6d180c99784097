/** A short way to make elements. Text goes in as text nodes only, never as markup [P-5]. */

export type Child = Node | string;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

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

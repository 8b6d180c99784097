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

/** Whether this is in the page of somebody else. */
export function isFramed(): boolean {
  return window.parent !== window;
}

/** Whether the focus may be moved without being asked for: what is framed must not take it from the page around it. */
export function mayTakeFocus(): boolean {
  return !isFramed() || document.hasFocus();
}

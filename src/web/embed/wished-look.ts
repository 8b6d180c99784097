/** How a page wishes an element to look: by its attributes, and by what the page's own CSS says. */

import type { Look, Scheme } from './talk.ts';

const dark = '(prefers-color-scheme: dark)';

export function wishedLook(element: Element): Look {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--parlor-${name}`).trim();
  return {
    scheme: schemeOf(element, style),
    accent: element.getAttribute('accent') || of('accent'),
    background: of('background'),
    text: of('text'),
    font: of('font'),
    radius: of('radius'),
  };
}

/** A page that has one scheme only says so by `color-scheme`; else it is the user's. */
function schemeOf(element: Element, { colorScheme }: CSSStyleDeclaration): Scheme {
  const theme = element.getAttribute('theme');
  if (theme === 'light' || theme === 'dark') return theme;
  const schemes = colorScheme.split(' ');
  const isDark = schemes.includes('dark');
  const isOne = schemes.includes('light') !== isDark;
  return (isOne ? isDark : matchMedia(dark).matches) ? 'dark' : 'light';
}

/**
 * Tells when it may have changed. What happens to the element itself, to the page's root or body, and what the user chooses
 * is seen; a page that changes its CSS otherwise sets an attribute of the element.
 *
 * @returns stops it
 */
export function watchLook(element: Element, changed: () => void): () => void {
  const query = matchMedia(dark);
  const observer = new MutationObserver(changed);
  query.addEventListener('change', changed);
  for (const each of [document.documentElement, document.body, element]) {
    if (each !== null) observer.observe(each, { attributes: true });
  }
  return () => {
    query.removeEventListener('change', changed);
    observer.disconnect();
  };
}

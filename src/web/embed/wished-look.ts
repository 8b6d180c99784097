/** How a page wishes an element to look: by its attributes, and by what the page's own CSS says. */

import type { Look, Scheme } from './talk.ts';

const properties = ['accent', 'background', 'text', 'font', 'radius'] as const;
const dark = '(prefers-color-scheme: dark)';

export function wishedLook(element: Element): Look {
  const style = getComputedStyle(element);
  const look = {
    scheme: schemeOf(element, style),
    accent: '',
    background: '',
    text: '',
    font: '',
    radius: '',
  };
  for (const name of properties) look[name] = style.getPropertyValue(`--parlor-${name}`).trim();
  look.accent = element.getAttribute('accent') || look.accent;
  return look;
}

/** A page that has one scheme only says so by `color-scheme`; else it is the user's. */
function schemeOf(element: Element, { colorScheme }: CSSStyleDeclaration): Scheme {
  const theme = element.getAttribute('theme');
  if (theme === 'light' || theme === 'dark') return theme;
  const schemes = colorScheme.split(' ');
  const [isLight, isDark] = [schemes.includes('light'), schemes.includes('dark')];
  if (isLight !== isDark) return isDark ? 'dark' : 'light';
  return matchMedia(dark).matches ? 'dark' : 'light';
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

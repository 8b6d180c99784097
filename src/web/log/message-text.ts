/** The text of a message, cut short if it would take over the room. */

import { type Child, el } from '../dom.ts';
import { strings } from '../text/strings.ts';

/** Longer ones are shown in part. A message of 1024 letters fills a phone and stays as it is. */
const maxLines = 15;
const maxLength = 2000;

/** Makes a long text short, with a button that shows all of it. */
export function shorten(text: HTMLElement): Child[] {
  const content = text.textContent;
  if (content.length <= maxLength && content.split('\n', maxLines + 2).length <= maxLines) return [];
  const button = el('button', { class: 'quiet more', type: 'button' });
  const show = (isWhole: boolean) => {
    text.classList.toggle('short', !isWhole);
    button.textContent = isWhole ? strings.showLess : strings.showAll;
    button.setAttribute('aria-expanded', String(isWhole));
  };
  button.addEventListener('click', () => show(text.classList.contains('short')));
  // The browser has found something in it, or gone to a link: it scrolls what is cut.
  text.addEventListener('scroll', () => {
    if (text.scrollTop > 0) show(true);
  });
  show(false);
  return [button];
}

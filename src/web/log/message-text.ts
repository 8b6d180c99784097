/** The text of a message as it is shown: with links, and cut short if it would take over the room. */

import { type Child, el } from '../dom.ts';
import { strings } from '../text/strings.ts';
import { partsOf } from './links.ts';

/** Longer ones are shown in part. A message of 1024 letters fills a phone and stays as it is. */
const maxLines = 15;
const maxLength = 2000;

/** The whole address is what is shown, from left to right whatever stands in it: it looks like where it leads. */
export function linked(text: string): Child[] {
  return partsOf(text).map((part) => {
    if (part.href === undefined) return part.text;
    return el(
      'a',
      {
        href: part.href,
        rel: 'noopener noreferrer nofollow ugc',
        target: '_blank',
        dir: 'ltr',
        // Names in other scripts are told as the network knows them.
        ...(isPlain(part.text) ? {} : { title: part.href }),
      },
      part.text,
    );
  });
}

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

function isPlain(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

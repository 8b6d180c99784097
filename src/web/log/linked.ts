/** The text of a message as it is shown: with links. */

import { type Child, el } from '../dom.ts';
import { partsOf } from './links.ts';

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

function isPlain(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

/** The tab's title and icon, and the badge of an installed page. */

import type { Marks } from './marks.ts';

/** @param title the tab's as it is with nothing to read */
export function showMarks({ count, icon }: Marks, title: string): void {
  document.title = count === 0 ? title : `(${count}) ${title}`;
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=icon]')) {
    const href = link.href.replace(/favicon[a-z-]*\./, `favicon${icon}.`);
    // Written again, also as it is, it is drawn again: with each message in a busy room.
    if (link.href !== href) link.href = href;
  }
  // Of an installed page; a browser may refuse.
  const badge = count === 0 ? navigator.clearAppBadge?.() : navigator.setAppBadge?.(count);
  badge?.catch(() => {});
}

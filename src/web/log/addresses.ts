/**
 * The times of messages are links to them: a click copies the address, arrow keys go from one to the next. For the Tab
 * key all of them together are one stop: a log of thousands must not stand between the bar and the composer.
 */

import { ledTo } from '../arrow-keys.ts';

/**
 * @param log what holds the entries
 * @param onCopied is called when an address is in the clipboard
 */
export function linkTimes(log: HTMLElement, onCopied: () => void): { readonly newest: () => void } {
  let stop: HTMLElement | undefined;
  const stopAt = (link: HTMLElement | undefined) => {
    stop?.setAttribute('tabindex', '-1');
    stop = link;
    stop?.setAttribute('tabindex', '0');
  };

  log.addEventListener('click', (event) => {
    const link = linkOf(event.target);
    if (link === undefined || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    // Only there in secure contexts; else the link is followed, and stands in the address bar.
    const { clipboard } = navigator as { readonly clipboard?: Clipboard };
    if (clipboard === undefined) return;
    event.preventDefault();
    clipboard.writeText(addressOf(link.hash)).then(onCopied, () => location.assign(link.hash));
  });
  log.addEventListener('focusin', ({ target }) => {
    const link = linkOf(target);
    if (link !== undefined) stopAt(link);
  });
  log.addEventListener('keydown', (event) => {
    const link = linkOf(event.target);
    if (link === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = linksIn(log);
    const next = ledTo(event.key, links, links.indexOf(link));
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
  return {
    /** The stop is at the newest message, unless one is among them. */
    newest() {
      if (log.contains(document.activeElement) && stop?.isConnected) return;
      stopAt(newestIn(log));
    },
  };
}

/** Names the room also where the page is open at the address of the first one. */
function addressOf(hash: string): string {
  const { room = '' } = document.documentElement.dataset;
  return new URL(`/${encodeURIComponent(room)}${hash}`, location.href).href;
}

function linksIn(element: Element): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>('.at')];
}

/** The last link; found from the end, for most logs are long. */
function newestIn(log: Element): HTMLElement | undefined {
  for (let chunk = log.lastElementChild; chunk !== null; chunk = chunk.previousElementSibling) {
    const link = linksIn(chunk).at(-1);
    if (link !== undefined) return link;
  }
  return undefined;
}

function linkOf(target: EventTarget | null): HTMLAnchorElement | undefined {
  const link = target instanceof Element ? target.closest('a.at') : null;
  return link instanceof HTMLAnchorElement ? link : undefined;
}

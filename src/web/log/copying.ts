/** What is copied out of the log reads well in a letter: “Ada: hello”, one line for each entry. */

/** @param log what holds the entries */
export function copyAsLines(log: HTMLElement): void {
  log.addEventListener('copy', (event) => {
    const selection = getSelection();
    if (selection === null || selection.rangeCount === 0 || event.clipboardData === null) return;
    const range = selection.getRangeAt(0);
    const entries = range.cloneContents().querySelectorAll('.entry');
    // Within one entry, what is marked is what is wanted.
    if (entries.length < 2 || !log.contains(range.commonAncestorContainer)) return;
    event.clipboardData.setData('text/plain', [...entries].map(lineOf).filter(Boolean).join('\n'));
    event.preventDefault();
  });
}

function lineOf(entry: Element): string {
  if (!entry.classList.contains('message')) {
    for (const time of entry.querySelectorAll('time')) time.remove();
    return entry.textContent.trim();
  }
  const text = entry.querySelector('.text')?.textContent ?? '';
  // Of the first one maybe only the end is marked; an action has the name in its text.
  const name = entry.querySelector('.head .name')?.textContent ?? '';
  return name === '' || text === '' ? text : `${name}: ${text}`;
}

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
  const text = entry.querySelector('.text')?.textContent;
  if (text === undefined) {
    for (const time of entry.querySelectorAll('time')) time.remove();
    return entry.textContent.trim();
  }
  // Of the first one maybe only the end is marked; an action has the name in its text.
  const name = entry.querySelector('.head :is(.name, .label)')?.textContent ?? '';
  return name === '' || text === '' ? text : `${name}: ${text}`;
}

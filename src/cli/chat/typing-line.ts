/**
 * The line being typed, at the bottom of a terminal, and what is printed above it. The terminal's own scrollback keeps
 * what was printed; nothing but the rows of the typing line is ever written over.
 *
 * Invariant: `#drawn` is what stands below the printed text, with the cursor in its row `caretRow`.
 */

import { safeLine } from './safe-text.ts';
import { columnsOf, graphemesOf } from './width.ts';

/** A terminal, as far as it is written to. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** What is typed, and where the caret stands in it. */
interface Typed {
  readonly text: string;
  readonly caret: number;
}

interface Rows {
  readonly rows: readonly string[];
  readonly caretRow: number;
  /** What stands before the caret in its row. */
  readonly caretText: string;
}

const prompt = '> ';
const indent = '  ';
const nothing: Rows = { rows: [], caretRow: 0, caretText: '' };

export class TypingLine {
  readonly #screen: Screen;
  /** Whether the terminal breaks long rows anew when it becomes narrower. */
  readonly #reflows: boolean;
  #drawn = nothing;

  constructor(screen: Screen, reflows: boolean) {
    this.#screen = screen;
    this.#reflows = reflows;
  }

  /** @param above lines to print before it, each without its end */
  draw(typed: Typed, above: readonly string[] = []): void {
    const erased = this.#erase();
    this.#drawn = layOut(typed, this.#screen);
    this.#screen.write(`${erased}${above.map((line) => `${line}\r\n`).join('')}${written(this.#drawn)}`);
  }

  /** Takes it away; the cursor stands at the beginning of a row. */
  remove(): void {
    this.#screen.write(this.#erase());
    this.#drawn = nothing;
  }

  /** An empty screen, with nothing but the line on it. */
  clear(typed: Typed): void {
    this.#drawn = nothing;
    this.#screen.write('\u001b[H\u001b[2J');
    this.draw(typed);
  }

  #erase(): string {
    const { rows, caretRow, caretText } = this.#drawn;
    const { columns } = this.#screen;
    let up = caretRow;
    if (this.#reflows) {
      // Since it was drawn the terminal may have become narrower, and one row two.
      const extra = rows.slice(0, caretRow).map((row) => Math.ceil(columnsOf(row) / columns) - 1);
      for (const more of extra) up += Math.max(0, more);
      up += Math.floor(columnsOf(caretText) / (columns + 1));
    }
    // Not all at once from the first column: in the first row tmux would take that for the end of a screen to keep.
    return `\r${up > 0 ? `\u001b[${up}A` : ''}\u001b[K\u001b[C\u001b[J\r`;
  }
}

/**
 * Rows that end before the last column, so that no terminal breaks them itself; no more than half the screen, around
 * the caret.
 */
function layOut({ text, caret }: Typed, { columns, rows: height }: Screen): Rows {
  const width = Math.max(columns - 1, prompt.length + 2);
  const rows: string[] = [];
  let row = prompt;
  let taken = columnsOf(prompt);
  let caretRow = -1;
  let caretText = '';
  const breakRow = () => {
    rows.push(row);
    row = indent;
    taken = indent.length;
  };
  let at = 0;
  for (const grapheme of graphemesOf(text)) {
    const shown = grapheme === '\n' ? '' : safeLine(grapheme);
    const size = columnsOf(shown);
    if (taken + size > width && taken > indent.length) breakRow();
    if (at === caret) [caretRow, caretText] = [rows.length, row];
    row += shown;
    taken += size;
    if (grapheme === '\n') breakRow();
    at += grapheme.length;
  }
  if (caretRow < 0) [caretRow, caretText] = [rows.length, row];
  rows.push(row);
  const most = Math.max(1, Math.floor(height / 2));
  const first = Math.min(Math.max(0, caretRow - most + 1), Math.max(0, rows.length - most));
  return { rows: rows.slice(first, first + most), caretRow: caretRow - first, caretText };
}

/**
 * The caret's row is begun again up to the caret: so it stands where the terminal itself puts it, however wide it takes
 * each sign to be.
 */
function written({ rows, caretRow, caretText }: Rows): string {
  const down = rows.length - 1 - caretRow;
  return `${rows.join('\r\n')}${down > 0 ? `\u001b[${down}A` : ''}\r${caretText}`;
}

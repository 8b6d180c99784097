/** Tables of others' texts, in the columns that a terminal has. */

import { safeLine } from '../chat/safe-text.ts';
import { columnsOf, graphemesOf } from '../chat/width.ts';

export interface Column<Row> {
  readonly title: string;
  /** As it is: the table makes it harmless. Empty: there is none. */
  readonly text: (row: Row) => string;
  readonly isNumber?: true;
  /** It may be cut, but not shorter than this; without it, it never is. */
  readonly least?: number;
  /** Where there is no place for all, columns go: empty ones, then those with the lowest number; without it, it never does. */
  readonly worth?: number;
}

const between = '  ';
const none = '-';
/** Below this nothing is a table any more, and terminals break the rows. */
const leastWidth = 20;

interface Fitted {
  readonly cells: readonly string[];
  readonly isNumber: boolean;
  width: number;
  readonly least: number;
  readonly worth: number;
}

/**
 * The rows as text, the titles first.
 *
 * @param width how many columns of the terminal they may take; undefined: nothing is cut or left out
 */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): string[] {
  const all = columns.map((column) => measured(column, rows));
  const fitted = width === undefined ? all : fit(all, Math.max(width, leastWidth));
  return [-1, ...rows.keys()].map((row) =>
    fitted
      .map((column, index) => cell(column, row + 1, index === fitted.length - 1))
      .join(between)
      .trimEnd(),
  );
}

function measured<Row>({ title, text, isNumber, least, worth }: Column<Row>, rows: readonly Row[]): Fitted {
  const cells = [title, ...rows.map((row) => harmless(text(row)))];
  const width = cells.reduce((widest, each) => Math.max(widest, columnsOf(each)), 0);
  const isEmpty = rows.length > 0 && cells.every((each, index) => index === 0 || each === none);
  return {
    cells,
    isNumber: isNumber === true,
    width,
    least: least === undefined ? width : Math.min(width, Math.max(least, columnsOf(title))),
    worth: worth === undefined ? Number.POSITIVE_INFINITY : isEmpty ? 0 : worth,
  };
}

/** One cell is one: no text looks like two columns. */
function harmless(text: string): string {
  return safeLine(text).replace(/ {2,}/g, ' ').trim() || none;
}

function fit(all: readonly Fitted[], width: number): readonly Fitted[] {
  let kept = all;
  const taken = (of: (column: Fitted) => number) =>
    kept.reduce((sum, column) => sum + of(column), between.length * (kept.length - 1));
  for (;;) {
    const worth = Math.min(...kept.map((column) => column.worth));
    if (taken(({ least }) => least) <= width || worth === Number.POSITIVE_INFINITY) break;
    kept = kept.filter((column) => column.worth !== worth);
  }
  for (let surplus = taken((column) => column.width) - width; surplus > 0; surplus--) {
    // From the widest of those that still have something to give.
    const [widest] = kept.filter((column) => column.width > column.least).sort((a, b) => b.width - a.width);
    if (widest === undefined) break;
    widest.width -= 1;
  }
  return kept;
}

function cell({ cells, isNumber, width }: Fitted, row: number, isLast: boolean): string {
  const text = cut(cells[row] ?? '', width);
  const space = ' '.repeat(Math.max(0, width - columnsOf(text)));
  if (isNumber) return space + text;
  return isLast ? text : text + space;
}

/** A text in so many columns, with a sign where something is missing. */
function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let short = '';
  let left = width - 1;
  for (const grapheme of graphemesOf(text)) {
    left -= columnsOf(grapheme);
    if (left < 0) break;
    short += grapheme;
  }
  return `${short}…`;
}

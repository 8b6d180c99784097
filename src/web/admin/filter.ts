/** What is typed above a column to see fewer rows. */

/** What a column holds: how its values compare with what is typed. `age`: how long ago, `left`: how much longer. */
export type ColumnKind = 'text' | 'number' | 'bytes' | 'age' | 'left';

/** The value of a cell: a text, a number, or nothing. Times are given in milliseconds. */
export type CellValue = string | number | null;

export type Filter = (value: CellValue) => boolean;

const spans = { '': 1e3, s: 1e3, m: 6e4, min: 6e4, h: 36e5, d: 864e5 };
const units: Readonly<Record<Exclude<ColumnKind, 'text'>, Readonly<Record<string, number>>>> = {
  number: { '': 1, k: 1e3 },
  bytes: { '': 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 },
  age: spans,
  left: spans,
};

/**
 * Reads a filter. Texts are looked for anywhere in the value, in any case; `-` alone finds what is empty. Numbers are
 * compared: `5`, `>5`, `>=5`, `<5`, `2-5`, with a unit where there are some: `>10k`, `<30s`, `>2h`.
 *
 * @returns undefined if it cannot be read; what is empty lets all pass
 */
export function filterOf(kind: ColumnKind, typed: string): Filter | undefined {
  const wanted = typed.trim();
  if (wanted === '') return () => true;
  if (wanted === '-') return (value) => value === null || value === '';
  return kind === 'text' ? textFilter(wanted) : numberFilter(units[kind], wanted.toLowerCase());
}

function textFilter(wanted: string): Filter {
  const folded = foldCase(wanted);
  return (value) => value !== null && foldCase(String(value)).includes(folded);
}

/** As people look for words: in any case, in any of the forms that Unicode has for it. */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function numberFilter(known: Readonly<Record<string, number>>, wanted: string): Filter | undefined {
  const range = /^(\d[^-]*)-\s*(\d.*)$/.exec(wanted);
  if (range) {
    const [low, high] = [amountOf(known, range[1]), amountOf(known, range[2])];
    if (low === undefined || high === undefined) return undefined;
    return ofNumber((value) => value >= low && value <= high);
  }
  const [, sign = '', rest] = /^([<>]?=?)\s*(.*)$/.exec(wanted) ?? [];
  const amount = amountOf(known, rest);
  if (amount === undefined) return undefined;
  switch (sign) {
    case '>':
      return ofNumber((value) => value > amount);
    case '>=':
      return ofNumber((value) => value >= amount);
    case '<':
      return ofNumber((value) => value < amount);
    case '<=':
      return ofNumber((value) => value <= amount);
    default:
      return ofNumber((value) => value === amount);
  }
}

function ofNumber(passes: (value: number) => boolean): Filter {
  return (value) => typeof value === 'number' && passes(value);
}

function amountOf(known: Readonly<Record<string, number>>, text = ''): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(known, unit) ? known[unit] : undefined;
  return digits === undefined || factor === undefined ? undefined : Number(digits.replace(',', '.')) * factor;
}

/** Which rows of a table are seen, and in what order. */

import { type CellValue, type ColumnKind, type Filter, filterOf, foldCase } from './filter.ts';

export interface ModelColumn<Row> {
  readonly key: string;
  readonly kind: ColumnKind;
  /** What it is sorted and filtered by. */
  value(row: Row): CellValue;
}

export interface Order {
  readonly key: string;
  readonly isDescending: boolean;
}

export interface Seen<Row> {
  /** Those of the page. */
  readonly rows: readonly Row[];
  /** How many come before those. */
  readonly before: number;
  /** How many pass the filters, of how many. */
  readonly found: number;
  readonly total: number;
  /** From 0 on. */
  readonly page: number;
  readonly pages: number;
}

/** More rows than these are slow on a telephone, and nobody reads them. */
const pageSize = 100;
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export class TableModel<Row> {
  readonly #columns: readonly ModelColumn<Row>[];
  #rows: readonly Row[] = [];
  #order: Order;
  #page = 0;
  #wanted = '';
  readonly #filters = new Map<string, Filter>();
  /** What passes, in order; undefined: to be made anew. */
  #found: readonly Row[] | undefined;

  constructor(columns: readonly ModelColumn<Row>[], order: Order) {
    this.#columns = columns;
    this.#order = order;
  }

  get order(): Order {
    return this.#order;
  }

  /** How many columns are filtered. */
  get filtered(): number {
    return this.#filters.size;
  }

  setRows(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#found = undefined;
  }

  /** By another column, or the other way round if it is the same. */
  sortBy(key: string): void {
    const isSame = this.#order.key === key;
    this.setOrder({ key, isDescending: isSame && !this.#order.isDescending });
  }

  setOrder(order: Order): void {
    this.#order = order;
    this.#begin();
  }

  /** Looks for a text in all columns. */
  find(wanted: string): void {
    this.#wanted = foldCase(wanted.trim());
    this.#begin();
  }

  /** @returns false if what is typed cannot be read: then it filters nothing */
  filter(key: string, typed: string): boolean {
    const column = this.#columnOf(key);
    const filter = column && filterOf(column.kind, typed);
    if (filter && typed.trim() !== '') this.#filters.set(key, filter);
    else this.#filters.delete(key);
    this.#begin();
    return filter !== undefined;
  }

  turnTo(page: number): void {
    this.#page = page;
  }

  get seen(): Seen<Row> {
    this.#found ??= this.#sorted(this.#rows.filter((row) => this.#passes(row)));
    const found = this.#found;
    const pages = Math.max(1, Math.ceil(found.length / pageSize));
    // There may be fewer than there were.
    this.#page = Math.min(Math.max(0, this.#page), pages - 1);
    const before = this.#page * pageSize;
    return {
      rows: found.slice(before, before + pageSize),
      before,
      found: found.length,
      total: this.#rows.length,
      page: this.#page,
      pages,
    };
  }

  #begin(): void {
    this.#page = 0;
    this.#found = undefined;
  }

  #columnOf(key: string): ModelColumn<Row> | undefined {
    return this.#columns.find((column) => column.key === key);
  }

  #passes(row: Row): boolean {
    for (const [key, filter] of this.#filters) {
      const column = this.#columnOf(key);
      if (column && !filter(column.value(row))) return false;
    }
    const wanted = this.#wanted;
    return (
      wanted === '' ||
      this.#columns.some((column) => {
        if (column.kind !== 'text') return false;
        const value = column.value(row);
        return value !== null && foldCase(String(value)).includes(wanted);
      })
    );
  }

  /** What is empty comes last either way; what is equal stays as it came. */
  #sorted(rows: readonly Row[]): readonly Row[] {
    const column = this.#columnOf(this.#order.key);
    if (!column) return rows;
    const sign = this.#order.isDescending ? -1 : 1;
    return rows
      .map((row) => ({ row, value: column.value(row) }))
      .sort(({ value: a }, { value: b }) => {
        if (a === null || b === null) return Number(a === null) - Number(b === null);
        return sign * compare(a, b);
      })
      .map(({ row }) => row);
  }
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

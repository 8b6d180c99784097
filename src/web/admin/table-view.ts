/** A table that goes on changing while somebody works with it: sorted, filtered, page by page. */

import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import type { Column } from './column.ts';
import { FilterView } from './filter-view.ts';
import { PagerView } from './pager-view.ts';
import { button, freshId, setAttribute, setText } from './parts.ts';
import { TableModel } from './table-model.ts';

/** What can be done with a row. */
export interface RowAct<Row> {
  text(row: Row): string;
  /** For who hears it without the row: what is done to whom. */
  name(row: Row): string;
  act(row: Row): void;
  /** It takes something from somebody. */
  isDire?(row: Row): boolean;
}

export interface TableOptions<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly acts: readonly RowAct<Row>[];
  /** Of each row its own, and the same each time. */
  idOf(row: Row): string;
  readonly sortedBy: string;
  /** If there is no row at all. */
  readonly empty: string;
}

interface ShownRow<Row> {
  readonly element: HTMLTableRowElement;
  readonly cells: readonly HTMLElement[];
  readonly buttons: readonly HTMLButtonElement[];
  row: Row;
}

export class TableView<Row> {
  readonly element: HTMLElement;
  readonly #options: TableOptions<Row>;
  readonly #model: TableModel<Row>;
  readonly #body = el('tbody', { role: 'rowgroup' });
  readonly #heads = new Map<string, HTMLElement>();
  /** Not there while it has no row: a table without is none to some. */
  readonly #frame: HTMLElement;
  readonly #remark = el('p', { class: 'remark' });
  readonly #filters: FilterView;
  readonly #pager: PagerView;
  #shown = new Map<string, ShownRow<Row>>();

  constructor(options: TableOptions<Row>) {
    this.#options = options;
    const { columns, label, sortedBy } = options;
    this.#model = new TableModel(columns, { key: sortedBy, isDescending: false });
    this.#filters = new FilterView(columns, this.#model, () => this.#draw());
    this.#pager = new PagerView((page) => {
      this.#model.turnTo(page);
      this.#draw();
      this.element.scrollIntoView({ block: 'start' });
    });
    const heads = columns.map((column) => this.#head(column));
    const acts =
      options.acts.length === 0 ? [] : [el('th', { scope: 'col', role: 'columnheader' }, words.acts)];
    const captionId = freshId('table');
    const table = el(
      'table',
      // Displayed as cards it would be none, for some browsers.
      { role: 'table', 'aria-labelledby': captionId },
      el('caption', { id: captionId, class: 'unseen' }, label),
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...heads, ...acts)),
      this.#body,
    );
    this.#frame = el(
      'div',
      { class: 'table-frame', role: 'group', 'aria-labelledby': captionId, tabindex: '0' },
      table,
    );
    this.element = el(
      'div',
      { class: 'listing' },
      this.#filters.element,
      this.#frame,
      this.#remark,
      this.#pager.element,
    );
    this.#remark.textContent = words.loading;
    this.#frame.hidden = true;
  }

  /** @param progress said instead of how many there are, while they are still being read */
  show(rows: readonly Row[], progress = ''): void {
    this.#model.setRows(rows);
    this.#draw(progress);
  }

  #head({ key, label, kind }: Column<Row>): HTMLElement {
    const sort = button(label, () => {
      this.#model.sortBy(key);
      this.#draw();
    });
    const align = kind === 'text' ? 'textual' : 'numeric';
    const head = el('th', { scope: 'col', role: 'columnheader', class: align }, sort);
    this.#heads.set(key, head);
    return head;
  }

  #draw(progress = ''): void {
    const { order, seen } = this.#model;
    for (const [key, head] of this.#heads) {
      const sorted = order.isDescending ? 'descending' : 'ascending';
      if (key === order.key) setAttribute(head, 'aria-sort', sorted);
      else head.removeAttribute('aria-sort');
    }
    this.#filters.show();
    const focused = document.activeElement;
    const shown = new Map(
      seen.rows.map((row) => {
        const id = this.#options.idOf(row);
        const known = this.#shown.get(id) ?? this.#make(row);
        known.row = row;
        this.#fill(known);
        return [id, known] as const;
      }),
    );
    for (const [id, { element }] of this.#shown) if (!shown.has(id)) element.remove();
    this.#shown = shown;
    let next = this.#body.firstElementChild;
    for (const { element } of shown.values()) {
      if (element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(element, next);
    }
    // A row that is moved loses it.
    if (
      focused instanceof HTMLElement &&
      focused !== document.activeElement &&
      this.#body.contains(focused)
    ) {
      focused.focus({ preventScroll: true });
    }
    const nothing = seen.total === 0 ? this.#options.empty : words.nothingFound;
    setText(this.#remark, seen.found === 0 && progress === '' ? nothing : '');
    this.#frame.hidden = seen.found === 0;
    this.#pager.show(seen, progress);
  }

  #make(row: Row): ShownRow<Row> {
    const { columns, acts } = this.#options;
    const cells = columns.map(({ label, kind, key, isLong }, index) =>
      el(index === 0 ? 'th' : 'td', {
        ...(index === 0 ? { scope: 'row', role: 'rowheader' } : { role: 'cell' }),
        class: `${kind === 'text' ? 'textual' : 'numeric'} ${isLong ? 'long' : ''}`,
        // For cards, which have no heads.
        'data-label': label,
        'data-key': key,
      }),
    );
    const buttons = acts.map((act) => button('', () => act.act(made.row)));
    const last = acts.length === 0 ? [] : [el('td', { role: 'cell', class: 'row-acts' }, ...buttons)];
    const element = el('tr', { role: 'row' }, ...cells, ...last);
    const made: ShownRow<Row> = { element, cells, buttons, row };
    return made;
  }

  #fill({ row, cells, buttons }: ShownRow<Row>): void {
    const { columns, acts } = this.#options;
    for (const [index, column] of columns.entries()) {
      const cell = cells[index];
      if (!cell) continue;
      setText(cell, column.text(row));
      const title = column.title?.(row);
      if (title) setAttribute(cell, 'title', title);
    }
    for (const [index, act] of acts.entries()) {
      const of = buttons[index];
      if (!of) continue;
      setText(of, act.text(row));
      setAttribute(of, 'aria-label', act.name(row));
      setAttribute(of, 'class', act.isDire?.(row) ? 'small dire' : 'small');
    }
  }
}

/** What stands above a table: where one looks for something, filters each column, and sorts where there are no heads. */

import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import type { Column } from './column.ts';
import { button, choice, freshId, labelled, setText } from './parts.ts';
import type { TableModel } from './table-model.ts';

/** The same in all languages. */
const examples = { text: '', number: '>5', bytes: '>10k', age: '>5m', left: '<1d' } as const;

export class FilterView {
  readonly element: HTMLElement;
  readonly #summary = el('summary', {}, words.filters);
  readonly #sort: HTMLSelectElement;
  readonly #direction: HTMLButtonElement;
  readonly #order: () => { readonly key: string; readonly isDescending: boolean };
  readonly #filtered: () => number;

  constructor(
    columns: readonly Pick<Column<never>, 'key' | 'label' | 'kind'>[],
    model: Pick<TableModel<never>, 'find' | 'filter' | 'setOrder' | 'order' | 'filtered'>,
    changed: () => void,
  ) {
    this.#order = () => model.order;
    this.#filtered = () => model.filtered;
    const find = el('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' });
    find.addEventListener('input', () => {
      model.find(find.value);
      changed();
    });
    const hintId = freshId('hint');
    const inputs = columns.map(({ key, label, kind }) => {
      const input = el('input', {
        autocomplete: 'off',
        spellcheck: 'false',
        placeholder: examples[kind],
        'data-filter': key,
      });
      const bad = el('p', { id: freshId('bad'), class: 'error' });
      input.addEventListener('input', () => {
        const isRead = model.filter(key, input.value);
        bad.textContent = isRead ? '' : words.filterBad;
        input.setAttribute('aria-invalid', String(!isRead));
        changed();
      });
      const field = labelled(label, input);
      input.setAttribute('aria-describedby', `${hintId} ${bad.id}`);
      field.append(bad);
      return { input, field };
    });
    const clear = button(words.clearFilters, () => {
      for (const { input } of inputs) {
        input.value = '';
        input.dispatchEvent(new Event('input'));
      }
    });
    const details = el(
      'details',
      { class: 'filters' },
      this.#summary,
      el('div', { class: 'filter-fields' }, ...inputs.map(({ field }) => field)),
      el('div', { class: 'row' }, el('p', { id: hintId, class: 'hint' }, words.filterHint), clear),
    );
    this.#sort = choice(columns.map(({ key, label }) => [key, label]));
    this.#sort.addEventListener('change', () => {
      model.setOrder({ key: this.#sort.value, isDescending: model.order.isDescending });
      changed();
    });
    this.#direction = button('', () => {
      model.setOrder({ key: model.order.key, isDescending: !model.order.isDescending });
      changed();
    });
    const sorting = el('div', { class: 'sorting' }, labelled(words.sortBy, this.#sort), this.#direction);
    this.element = el('div', { class: 'tools' }, labelled(words.find, find), sorting, details);
    this.show();
  }

  show(): void {
    const { key, isDescending } = this.#order();
    this.#sort.value = key;
    setText(this.#direction, words.direction[isDescending ? 'down' : 'up']);
    const filtered = this.#filtered();
    setText(this.#summary, filtered === 0 ? words.filters : words.filtersOn(filtered));
  }
}

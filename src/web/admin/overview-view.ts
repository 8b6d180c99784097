/** How the server does: plots of the last minutes, the same in figures, and what it counted since it was started. */

import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import type { Stats } from './answers.ts';
import type { Format } from './format.ts';
import { freshId, setText } from './parts.ts';
import { Plot } from './plot.ts';
import { loadPlotLibrary } from './plot-library.ts';
import { type TrendName, Trends, trendNames } from './trends.ts';

const countNames = ['messages', 'events', 'deliveries', 'created', 'ended', 'refused', 'gaps'] as const;
const figureNames = ['latest', 'mean', 'highest'] as const;

export class OverviewView {
  readonly element: HTMLElement;
  readonly #trends = new Trends();
  readonly #plots: readonly Plot[];
  readonly #format: Format;
  readonly #figures = new Map<TrendName, readonly HTMLElement[]>();
  readonly #counts = new Map<keyof Stats['counters'], HTMLElement>();

  constructor(format: Format) {
    this.#format = format;
    this.#plots = plotsOf(format);
    void this.#load();
    this.element = el(
      'div',
      {},
      el('div', { class: 'plots' }, ...this.#plots.map(({ element }) => element)),
      el('div', { class: 'tables' }, this.#figureTable(), this.#countTable()),
    );
  }

  take(stats: Stats): void {
    this.#trends.take(stats);
    for (const [name, element] of this.#counts) {
      setText(element, this.#format.number(stats.counters[name]));
    }
    this.show();
  }

  show(): void {
    // Nobody sees it: what is drawn when somebody does, is all of it.
    if (this.element.offsetParent === null) return;
    const { data } = this.#trends;
    for (const plot of this.#plots) plot.show(data);
    for (const [name, cells] of this.#figures) {
      const figures = this.#trends.figuresOf(name);
      for (const [index, of] of figureNames.entries()) {
        const cell = cells[index];
        if (cell) setText(cell, figures ? writerOf(name, this.#format)(figures[of]) : words.unknown);
      }
    }
  }

  async #load(): Promise<void> {
    try {
      const library = await loadPlotLibrary();
      for (const plot of this.#plots) plot.drawWith(library);
    } catch {
      // Its file did not come: the figures say the same.
    }
  }

  #figureTable(): HTMLElement {
    const { what, ...columns } = words.figureColumns;
    const rows = trendNames.map((name) => {
      const cells = figureNames.map(() => el('td', { class: 'numeric' }, words.unknown));
      this.#figures.set(name, cells);
      return el('tr', {}, el('th', { scope: 'row' }, words.trends[name]), ...cells);
    });
    const heads = figureNames.map((name) => el('th', { scope: 'col', class: 'numeric' }, columns[name]));
    return framed(
      words.figures,
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, what), ...heads)),
      el('tbody', {}, ...rows),
    );
  }

  #countTable(): HTMLElement {
    const rows = countNames.map((name) => {
      const cell = el('td', { class: 'numeric' }, words.unknown);
      this.#counts.set(name, cell);
      return el('tr', {}, el('th', { scope: 'row' }, words.counts[name]), cell);
    });
    return framed(words.countsTitle, el('tbody', {}, ...rows));
  }
}

function framed(title: string, ...parts: readonly HTMLElement[]): HTMLElement {
  const titleId = freshId('figures');
  return el(
    'section',
    { 'aria-labelledby': titleId },
    el('h3', { id: titleId }, title),
    el('table', { class: 'figures', 'aria-labelledby': titleId }, ...parts),
  );
}

function plotsOf(format: Format): readonly Plot[] {
  const plot = (
    title: string,
    names: readonly TrendName[],
    least: number,
    writeShort: (value: number) => string = format.compact,
  ): Plot => {
    const curves = names.map((name) => ({ name, label: words.trends[name] }));
    const [first = 'members'] = names;
    return new Plot({
      title,
      curves,
      least,
      write: writerOf(first, format),
      writeShort,
      format,
      isCount: first === 'members',
    });
  };
  return [
    plot(words.plots.members, ['members', 'sessions', 'streams'], 4),
    plot(words.plots.messages, ['messages'], 1),
    plot(words.plots.deliveries, ['deliveries'], 1),
    plot(words.plots.lag, ['lagBytes'], 1000, format.bytes),
    plot(words.plots.memory, ['rss', 'heap'], 1e6, format.bytes),
    plot(words.plots.cpu, ['cpu'], 0.1, format.percent),
  ];
}

function writerOf(name: TrendName, format: Format): (value: number) => string {
  switch (name) {
    case 'members':
    case 'sessions':
    case 'streams':
    case 'lagEvents':
      return format.number;
    case 'messages':
    case 'deliveries':
      return format.rate;
    case 'lagBytes':
    case 'rss':
    case 'heap':
      return format.bytes;
    case 'loopDelay':
      return format.milliseconds;
    case 'cpu':
      return format.percent;
  }
}

/** One plot: curves over the last minutes, drawn by uPlot on a canvas. What it shows stands in a table beside it, too. */

import type uPlot from 'uplot';
import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import type { Format } from './format.ts';
import { freshId, setText } from './parts.ts';
import type { PlotLibrary } from './plot-library.ts';
import type { TrendData, TrendName } from './trends.ts';

export interface Curve {
  readonly name: TrendName;
  readonly label: string;
}

export interface PlotOptions {
  readonly title: string;
  /** At most three, of one unit. */
  readonly curves: readonly Curve[];
  write(value: number): string;
  /** The same, on the axis. */
  writeShort(value: number): string;
  readonly format: Pick<Format, 'timeOfDay' | 'hourAndMinute'>;
  /** The axis goes up to this at the least: noise must not look like mountains. */
  readonly least: number;
  /** Only whole numbers on the axis. */
  readonly isCount?: boolean;
}

/** How far back is shown at the least, in seconds: a first minute would be one line at the edge of ten. */
const leastSpan = 120;
const height = 150;
const gridDashes = [2, 3];
const looks = [
  { class: 'first', colour: '--accent', dash: [] },
  { class: 'second', colour: '--warm', dash: [6, 3] },
  { class: 'third', colour: '--faint', dash: [2, 3] },
] as const;
const wholes = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

export class Plot {
  readonly element: HTMLElement;
  readonly #options: PlotOptions;
  readonly #place = el('div', { class: 'plot', 'aria-hidden': 'true' });
  /** What each curve has at the cursor, or else at last. */
  readonly #values: readonly HTMLElement[];
  readonly #moment = el('span', { class: 'at-moment' });
  #library: PlotLibrary | undefined;
  #plot: uPlot | undefined;
  #data: TrendData | undefined;

  constructor(options: PlotOptions) {
    this.#options = options;
    const titleId = freshId('plot');
    this.#values = options.curves.map(() => el('b', { class: 'latest' }));
    const isOne = options.curves.length === 1;
    const keys = options.curves.map(({ label }, index) => {
      const swatch = el('i', { class: `swatch ${looks[index]?.class ?? ''}` });
      const named = isOne ? [] : [swatch, label];
      return el('span', { class: 'key' }, ...named, this.#values[index] ?? '');
    });
    this.element = el(
      'figure',
      { 'aria-labelledby': titleId },
      el('figcaption', {}, el('h3', { id: titleId }, options.title), this.#moment),
      // The table says the same, and stays as it is while it is read.
      el('p', { class: 'plot-keys', 'aria-hidden': 'true' }, ...keys),
      this.#place,
    );
    new ResizeObserver(() => this.#fit()).observe(this.#place);
    // Its colours are those of the style, by day as by night.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
      this.#plot?.redraw(false, true),
    );
  }

  /** Nothing is drawn before it is there. */
  drawWith(library: PlotLibrary): void {
    this.#library = library;
    this.#fit();
    this.#tell();
  }

  show(data: TrendData): void {
    this.#data = data;
    this.#fit();
    this.#plot?.setData(this.#columns(data));
    this.#tell();
  }

  #tell(): void {
    const { curves, write, format } = this.#options;
    const at = this.#plot?.cursor.idx ?? undefined;
    for (const [index, { name }] of curves.entries()) {
      const column = this.#data?.columns[name] ?? [];
      const value = column[at ?? column.length - 1] ?? null;
      const element = this.#values[index];
      if (element) setText(element, value === null ? words.unknown : write(value));
    }
    const time = at === undefined ? undefined : this.#data?.times[at];
    setText(this.#moment, time === undefined ? '' : format.timeOfDay(time * 1000));
  }

  #columns({ times, columns }: TrendData): uPlot.AlignedData {
    return [[...times], ...this.#options.curves.map(({ name }) => [...columns[name]])];
  }

  /** As wide as its place; nothing is drawn while that is not displayed. */
  #fit(): void {
    const width = this.#place.clientWidth;
    if (width === 0 || !this.#data || !this.#library) return;
    if (this.#plot === undefined) this.#plot = this.#draw(this.#library, width, this.#data);
    else if (this.#plot.width !== width) this.#plot.setSize({ width, height });
  }

  #draw(Library: PlotLibrary, width: number, data: TrendData): uPlot {
    const { curves, writeShort, format, least, isCount = false } = this.#options;
    const options: uPlot.Options = {
      width,
      height,
      // At the side half of a time of day, as the last may stand under the very edge.
      padding: [8, 34, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'admin' }, points: { size: 6 } },
      scales: {
        x: { range: (_plot, first, last) => [Math.min(first, last - leastSpan), last] },
        y: { range: (_plot, _lowest, highest) => [0, Math.max(least, (highest ?? 0) * 1.1)] },
      },
      series: [
        {},
        ...curves.map((_curve, index) => {
          const look = looks[index] ?? looks[0];
          return {
            stroke: () => colourOf(look.colour),
            width: 1.5,
            dash: [...look.dash],
            points: { show: false },
          };
        }),
      ],
      axes: [
        {
          ...axis(),
          size: 24,
          space: 80,
          values: (_plot, at, _axis, _space, step) =>
            at.map((s) => (step < 60 ? format.timeOfDay : format.hourAndMinute)(s * 1000)),
        },
        {
          ...axis(),
          size: 52,
          space: 34,
          values: (_plot, at) => at.map(writeShort),
          ...(isCount && { incrs: wholes }),
        },
      ],
      hooks: { setCursor: [() => this.#tell()] },
    };
    return new Library(options, this.#columns(data), this.#place);
  }
}

function axis(): uPlot.Axis {
  return {
    stroke: () => colourOf('--faint'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => colourOf('--rule'), width: 1, dash: gridDashes },
    ticks: { show: false },
  };
}

function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

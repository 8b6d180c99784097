/** Plots for a terminal. */

import { type Finding, inUnits } from './figures.ts';

const width = 72;
const height = 8;
/** Eighths of a line, from below. */
const bars = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A figure over time, from its least to its greatest value; what lies before the warm-up's end is marked below. */
export function plotOf({ figure, points, measured }: Finding): string {
  const values = points.map(({ value }) => value);
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  const end = points.at(-1)?.at ?? 1;
  const columns = Array.from({ length: width }, (_, column) => {
    const from = (column / width) * end;
    // The newest sample up to there: there may be fewer samples than columns.
    const { value } = points.findLast(({ at }) => at <= from + end / width) ?? points[0] ?? { value: least };
    return greatest === least ? 0.5 : (value - least) / (greatest - least);
  });
  const labels = [inUnits(greatest, figure), inUnits(least, figure)];
  const margin = Math.max(...labels.map(({ length }) => length));
  const lines = Array.from({ length: height }, (_, line) => {
    const label = (line === 0 ? labels[0] : line === height - 1 ? labels[1] : '') ?? '';
    const cells = columns.map((share) => {
      // At least one eighth, so that the least value is seen as well.
      const eighths = Math.max(1, Math.round(share * height * 8)) - (height - 1 - line) * 8;
      return bars[Math.max(0, Math.min(8, eighths))];
    });
    return `${label.padStart(margin)} │${cells.join('')}`.trimEnd();
  });
  const warm = Math.round(((measured[0]?.at ?? 0) / end) * width);
  const axis = `${' '.repeat(margin)} └${'·'.repeat(warm)}${'─'.repeat(width - warm)}`;
  const times = `${' '.repeat(margin + 2)}0${`${Math.round(end)} s`.padStart(width - 1)}`;
  return [figure.name, ...lines, axis, times].join('\n');
}

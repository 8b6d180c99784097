/** Prints what a case came to: median and spread of each contender, and the ratios between them. */

import type { BenchCase } from '../cases/bench-case.ts';
import { contendersOf, type Measurement } from '../results.ts';
import { figureTitle, spreadText } from './figures.ts';
import { ratioLine } from './ratios.ts';

export function printCase(each: BenchCase, measurements: readonly Measurement[]): void {
  const { name, shows, reading } = each;
  const contenders = contendersOf(measurements, name);
  const rows = contenders.map((contender) => [
    contender,
    ...shows.map((figure) => spreadText(measurements, name, contender, figure)),
  ]);
  const table = [['', ...shows.map(figureTitle)], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  const ratios = ratioLine(each, measurements);
  if (ratios !== '') console.log(ratios);
  console.log(`${reading}\n${howToRead}`);
}

const howToRead =
  'Medians of the runs, with the least and the most in brackets. Compare only what stands in one table: ratios carry over ' +
  'to other machines, figures do not; and a ratio smaller than the spread says nothing.';

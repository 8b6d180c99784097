/** How the contenders of a case compare, in a line. */

import type { BenchCase } from '../cases/bench-case.ts';
import { contendersOf, type Measurement, spreadOf } from '../results.ts';
import { figureTitle } from './figures.ts';

/** The first contender against all others, by the first figure; empty if there is nobody beside it. */
export function ratioLine({ name, shows }: BenchCase, measurements: readonly Measurement[]): string {
  const [first = '', ...others] = contendersOf(measurements, name);
  const [headline = ''] = shows;
  const base = spreadOf(measurements, name, first, headline)?.median;
  if (!base) return '';
  const ratios = others.flatMap((contender) => {
    const other = spreadOf(measurements, name, contender, headline)?.median;
    return other ? `${(base / other).toFixed(2)} × ${contender}` : [];
  });
  return ratios.length === 0 ? '' : `${figureTitle(headline)}: ${first} has ${ratios.join(', ')}.`;
}

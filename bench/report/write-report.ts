/** Writes `docs/benchmarks.md`. */

import type { Results } from '../results.ts';

export async function writeReport(_results: readonly Results[]): Promise<string[]> {
  return [];
}

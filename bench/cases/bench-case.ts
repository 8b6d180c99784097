/** A case of the benchmark: one kind of load, and who is put under it. */

import type { Bench } from '../bench.ts';

export interface BenchCase {
  readonly name: string;
  /** What it loads, in a sentence. */
  readonly loads: string;
  /** The figures to show, in order; all of them are kept. */
  readonly shows: readonly string[];
  run(bench: Bench): Promise<void>;
}

/** The bytes of a message in all cases. */
export const messageBytes = 120;
export const room = 'lobby';

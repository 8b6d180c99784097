/** The cases, in the order in which they run. */

import type { BenchCase } from './bench-case.ts';
import { closedLoop1000, closedLoop10000Feed, closedLoopGrowing } from './closed-loop.ts';
import { emptyPolls1000 } from './empty-polls.ts';
import { rate20, rate500 } from './fixed-rate.ts';
import { openLoop1000 } from './open-loop.ts';

export const cases: readonly BenchCase[] = [
  openLoop1000,
  closedLoop1000,
  closedLoop10000Feed,
  ...closedLoopGrowing,
  rate500,
  rate20,
  emptyPolls1000,
];

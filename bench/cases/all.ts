/** The cases, in the order in which they run. */

import type { BenchCase } from './bench-case.ts';
import { closedLoop1000, closedLoop10000Feed, closedLoopGrowing } from './closed-loop.ts';
import { cluster } from './cluster.ts';
import { emptyPolls1000 } from './empty-polls.ts';
import { rate20, rate500 } from './fixed-rate.ts';
import { growthPolls, growthPullMembers, growthStreams } from './growth.ts';
import { idleStreams1000, idleStreams10000 } from './idle-streams.ts';
import { openLoop1000 } from './open-loop.ts';
import { pageFirstLoad } from './page-first-load.ts';
import { pageLongLog } from './page-long-log.ts';
import { reaper100000 } from './reaper.ts';
import { sends16 } from './sends.ts';
import { storm10000 } from './storm.ts';

export const cases: readonly BenchCase[] = [
  openLoop1000,
  closedLoop1000,
  closedLoop10000Feed,
  ...closedLoopGrowing,
  rate500,
  rate20,
  idleStreams1000,
  idleStreams10000,
  emptyPolls1000,
  storm10000,
  reaper100000,
  growthStreams,
  growthPolls,
  growthPullMembers,
  sends16,
  cluster,
  pageFirstLoad,
  pageLongLog,
];

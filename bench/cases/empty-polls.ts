/** Polls that find nothing: what a request costs by itself. */

import { bareRoute, parlor } from '../systems/all.ts';
import { type BenchCase, room } from './bench-case.ts';

const sessions = 1_000;

export const emptyPolls1000: BenchCase = {
  name: 'empty-polls-1000',
  loads: `empty getUpdates of ${sessions.toLocaleString('en')} sessions, each on a keep-alive connection, in closed loop`,
  shows: ['pollsPerSecond', 'p50', 'p99', 'cpuPerPoll', 'serverCpu', 'generatorCpu'],
  reading:
    'The difference between the two is what Parlor does for a poll: it finds the session, checks the cursor, counts the request as activity and writes the answer.',
  run: (bench) =>
    bench.inTurn([{ system: parlor }, { system: bareRoute }], async ({ load }) => {
      const { sizes } = bench;
      const count = sizes.scaled(sessions);
      await load.call('addPollers', { room, count });
      return { ...(await load.call('poll', { connections: count, ...sizes })) };
    }),
};

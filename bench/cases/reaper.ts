/** The reaper's sweep when nobody has expired: what it costs to have sessions. */

import { once } from 'node:events';
import { Child } from '../child.ts';
import { nodeCommand } from '../systems/system.ts';
import type { BenchCase } from './bench-case.ts';

const sessions = 100_000;
const fewSessions = 1_000;
const sweeps = 300;
const sweepTimeoutMs = 5 * 60_000;

const forms = [
  { store: 'on a file', url: 'sqlite:./parlor.db', count: sessions },
  { store: 'on a file', url: 'sqlite:./parlor.db', count: fewSessions },
  { store: 'in memory', url: 'memory:', count: sessions },
];

export const reaper100000: BenchCase = {
  name: 'reaper-100000',
  loads: `a sweep over ${sessions.toLocaleString('en')} sessions of which none has expired, from its call until it is done`,
  shows: ['sweepP99', 'sweepP50', 'sweepMax'],
  reading:
    'Sessions stand in the order of their last activity, so a sweep looks at the oldest and stops: it should cost the same however many there are. The longest of the sweeps had the garbage collector in it.',
  async run(bench) {
    const { built, sizes } = bench;
    for (let repeat = 1; repeat <= sizes.repeats; repeat++) {
      for (const { store, url, count } of forms) {
        const scaled = [String(sizes.scaled(count)), String(sizes.isSmoke ? 3 : sweeps)];
        const child = new Child({
          part: 'server',
          command: nodeCommand(built, built.program('domain/sweep'), {}, scaled),
          cwd: built.folder(),
          env: { STORE_URL: url },
        });
        const [figures] = await Promise.race([
          once(child.process, 'message', { signal: AbortSignal.timeout(sweepTimeoutMs) }),
          once(child.process, 'exit').then(() => Promise.reject(new Error(child.output))),
        ]).finally(() => child.stop());
        bench.note(`${count.toLocaleString('en')} sessions, ${store}`, repeat, figures);
      }
    }
  },
};

/** How long each thread of a process ran, in user mode and in the kernel, as Linux says. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ThreadTime } from './findings.ts';

interface ThreadTicks {
  readonly user: number;
  readonly system: number;
}

// Linux tells programs its times in hundredths of a second.
const ticksPerSecond = 100;

export type ThreadSample = ReadonlyMap<string, ThreadTicks>;

/** Undefined where there is no such thing. */
export function sampleThreads(pid: number): ThreadSample | undefined {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return undefined;
  return new Map(
    readdirSync(folder).map((tid) => {
      const stat = readFileSync(`${folder}/${tid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [tid, { user: Number(fields[11]), system: Number(fields[12]) }];
    }),
  );
}

/** The main thread, the busiest of the others, which is the store's, and the rest together. */
export function threadTimes(
  pid: number,
  before: ThreadSample,
  after: ThreadSample,
  seconds: number,
): ThreadTime[] {
  const spent = [...after].map(([tid, { user, system }]) => {
    const from = before.get(tid) ?? { user: 0, system: 0 };
    const share = (ticks: number) => ticks / ticksPerSecond / seconds;
    return { tid, user: share(user - from.user), system: share(system - from.system) };
  });
  const main = spent.filter(({ tid }) => Number(tid) === pid);
  const others = spent.filter(({ tid }) => Number(tid) !== pid);
  others.sort((a, b) => b.user + b.system - (a.user + a.system));
  return [
    { thread: 'main thread', ...sum(main) },
    { thread: "the store's thread", ...sum(others.slice(0, 1)) },
    { thread: 'all others', ...sum(others.slice(1)) },
  ];
}

function sum(times: readonly ThreadTicks[]): ThreadTicks {
  return {
    user: times.reduce((total, { user }) => total + user, 0),
    system: times.reduce((total, { system }) => total + system, 0),
  };
}

/** How much of a core a process uses, as the kernel of Linux counts it. */

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

// USER_HZ: what the kernel counts in, whatever it ticks in, on all the machines that Node runs on.
const tickMs = 10;

/** The share of a core that a process used while `ms` passed. */
export async function cpuShareDuring(pid: number, ms: number): Promise<number> {
  const [from, before] = [performance.now(), cpuMs(pid)];
  await delay(ms);
  return (cpuMs(pid) - before) / (performance.now() - from);
}

function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

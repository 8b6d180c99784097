/** How much of the machine went to others than a run, as far as the kernel of Linux tells. */

import { existsSync, readFileSync } from 'node:fs';
import { usageOf } from './load/process-usage.ts';

// Linux tells programs its times in hundredths of a second.
const msPerTick = 10;

interface Sample {
  readonly at: number;
  /** Of all processes and the kernel itself. */
  readonly busyMs: number;
  readonly ownMs: number;
}

export class Disturbance {
  readonly #pids: readonly number[];
  readonly #start: Sample | undefined;

  /** @param pids of the run; from now on */
  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#start = this.#sample();
  }

  /** Shares of a core; undefined if it cannot be told, as when a process of the run has ended. */
  get share(): number | undefined {
    const [from, to] = [this.#start, this.#sample()];
    if (!from || !to) return undefined;
    const others = to.busyMs - from.busyMs - (to.ownMs - from.ownMs);
    return Math.max(0, others / (to.at - from.at));
  }

  #sample(): Sample | undefined {
    if (!existsSync('/proc/stat') || !this.#pids.every((pid) => existsSync(`/proc/${pid}/stat`))) {
      return undefined;
    }
    const [, user, nice, system, , , irq, softIrq] = readFileSync('/proc/stat', 'latin1')
      .split(/\s+/)
      .map(Number);
    const ticks = [user, nice, system, irq, softIrq].reduce((sum: number, each) => sum + (each ?? 0), 0);
    return { at: performance.now(), busyMs: ticks * msPerTick, ownMs: usageOf(this.#pids).cpuMs };
  }
}

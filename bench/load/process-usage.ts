/** What processes have used, as the kernel of Linux says; nothing elsewhere. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  /** Of all their threads, in user mode and in the kernel. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

// Linux tells programs its times in hundredths of a second, whatever it counts in itself.
const msPerTick = 10;

export function usageOf(pids: readonly number[]): Usage {
  const usages = existsSync('/proc/self/stat') ? pids.map(usage) : [];
  return {
    cpuMs: usages.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    rssBytes: usages.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}

function usage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name, in brackets, may have spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return {
    cpuMs: threadsMs(pid) ?? (Number(fields[11]) + Number(fields[12])) * msPerTick,
    rssBytes: Number(kibibytes) * 1024,
  };
}

/** What the threads there are have used, to the nanosecond, if the kernel keeps it: of little, ticks tell nothing. */
function threadsMs(pid: number): number | undefined {
  const folder = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const thread of readdirSync(folder)) {
    try {
      nanoseconds += Number(readFileSync(`${folder}/${thread}/schedstat`, 'latin1').split(' ')[0]);
    } catch {
      return undefined;
    }
  }
  return nanoseconds > 0 ? nanoseconds / 1e6 : undefined;
}

/** How many descriptors (files, sockets) the system lets this process have open. */

import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { report } from 'node:process';

/** The limit; `Infinity` if there is none, or none that can be found out. */
export function descriptorLimit(): number {
  return limitOfLinux() ?? limitInReport(systemReport());
}

/** How many are open; undefined if nobody can say. */
export async function openDescriptors(): Promise<number | undefined> {
  try {
    // Linux tells it by the size since 6.2; before, or behind another /proc, they must be listed.
    const { size } = await stat('/proc/self/fd');
    return size > 0 ? size : (await readdir('/proc/self/fd')).length;
  } catch {
    return undefined;
  }
}

/** The limit in the text of `/proc/self/limits`. */
export function limitInTable(text: string): number | undefined {
  const [, soft] = /^Max open files +(\d+|unlimited) /m.exec(text) ?? [];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The limit in a report of Node's, which has none on Windows. */
export function limitInReport(systems: unknown): number {
  const soft = member(member(member(systems, 'userLimits'), 'open_files'), 'soft');
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}

function limitOfLinux(): number | undefined {
  try {
    return limitInTable(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return undefined;
  }
}

function systemReport(): unknown {
  // Names of network interfaces would be looked up, which may take seconds. (The types do not know it yet.)
  const before: unknown = Reflect.get(report, 'excludeNetwork');
  Reflect.set(report, 'excludeNetwork', true);
  try {
    return report.getReport();
  } finally {
    Reflect.set(report, 'excludeNetwork', before);
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

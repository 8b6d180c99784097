/** Which core a process runs on: the server on one, the load generator on another, where the machine lets us say so. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export type Part = 'server' | 'generator';

const [serverCore, generatorCore] = allowedCores();

/** Whether there are two cores, and `taskset` to choose between them. */
export const canPin =
  serverCore !== undefined &&
  generatorCore !== undefined &&
  [serverCore, generatorCore].every(
    (core) => spawnSync('taskset', ['-c', core, 'true'], { stdio: 'ignore' }).status === 0,
  );

/** The command that runs a command on the core of its part. */
export function pinned(part: Part, command: readonly string[]): readonly string[] {
  const core = part === 'server' ? serverCore : generatorCore;
  return canPin && core !== undefined ? ['taskset', '-c', core, ...command] : command;
}

/** Those that this process may use: a container may have been given some of them only. */
function allowedCores(): string[] {
  if (!existsSync('/proc/self/status')) return [];
  const [, list = ''] =
    /^Cpus_allowed_list:\s+(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  });
}

/** Which core a process runs on: the server on one, everything else on another, where the machine lets us say so. */

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export type Part = 'server' | 'generator';

const cores: Readonly<Record<Part, string>> = { server: '0', generator: '1' };

/** Whether there are two cores, and `taskset` to choose between them. */
export const canPin =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' }).status === 0;

/** The command that runs a command on the core of its part. */
export function pinned(part: Part, command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', cores[part], ...command] : command;
}

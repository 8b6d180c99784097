/** A process that does nothing but hold a namespace of the kernel, in which others are then started. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { searchPath } from '../../support/needs.ts';

/**
 * Runs a command such as `unshare -n`, which makes a namespace and runs the holder there; it ends after the test, and
 * when nobody holds its input any more. Undefined if the namespace cannot be made.
 */
export async function holdNamespace(
  t: TestContext,
  command: readonly string[],
): Promise<ChildProcess | undefined> {
  const [program = '', ...args] = [...command, 'sh', '-c', 'echo made; exec cat'];
  const holder = spawn(program, args, { env: { PATH: searchPath }, stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => holder.kill('SIGKILL'));
  const isMade = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'exit').then(() => false),
  ]);
  return isMade ? holder : undefined;
}

/** For `nsenter` into a user namespace: as who one is there already. */
export const asNamespaceRoot: readonly string[] = ['-U', '--preserve-credentials'];

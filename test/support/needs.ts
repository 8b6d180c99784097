/** What tests need beside Node and npm. Without it they are skipped, which is said loudly; in CI nothing is skipped. */

import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** The PATH, with the folders of programs for administrators, which not everybody has in his. */
export const searchPath = `${process.env.PATH}:/usr/sbin:/sbin`;

/**
 * Whether a program is there.
 * @example if (!has(t, 'curl')) return;
 */
export function has(t: TestContext, program: string): boolean {
  if (isInPath(program)) return true;
  return without(t, `${program} is missing: "node scripts/tools.mjs" installs it, or says how`);
}

/** A shell is asked once, though many tests of a file ask. */
const isKnown = new Map<string, boolean>();

/** Whether a program is there, for a file of tests of which none goes without it: one test of it then asks `has`. */
export function isInPath(program: string): boolean {
  const known = isKnown.get(program);
  if (known !== undefined) return known;
  const env = { PATH: searchPath };
  const isThere = spawnSync('sh', ['-c', `command -v ${program}`], { env }).status === 0;
  isKnown.set(program, isThere);
  return isThere;
}

/** Whether this is Linux, for what asks its kernel. */
export function hasLinux(t: TestContext): boolean {
  return process.platform === 'linux' || without(t, 'only Linux can be asked to do this');
}

/**
 * Skips a test, or throws in CI.
 * @param why what is missing, and how to come by it
 */
export function without(t: TestContext, why: string): false {
  if (process.env.CI) throw new Error(why);
  process.stderr.write(`SKIPPED "${t.name}": ${why}.\n`);
  t.skip(why);
  return false;
}

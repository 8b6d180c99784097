/** Programs that npm does not bring. */

import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/**
 * Whether a program is there. Without it a test is skipped, which is said loudly; in CI nothing is skipped.
 * @example if (!has(t, 'curl')) return;
 */
export function has(t: TestContext, program: string): boolean {
  if (!spawnSync('sh', ['-c', `command -v ${program}`]).status) return true;
  const line = `${program} is missing: "apt-get install ${program}" runs this test too`;
  if (process.env.CI) throw new Error(line);
  process.stderr.write(`SKIPPED "${t.name}": ${line}.\n`);
  t.skip(line);
  return false;
}

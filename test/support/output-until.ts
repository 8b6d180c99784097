/** What a command that goes on by itself prints, such as `curl -N`, which docs show. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs it until its output matches, then ends it.
 * @throws Error if it ends before
 */
export async function outputUntil(
  t: TestContext,
  command: string,
  pattern: RegExp,
  surroundings: Surroundings = {},
): Promise<string> {
  const child = spawn('sh', ['-c', command], {
    ...surroundings,
    stdio: ['ignore', 'pipe', 'pipe'],
    // So that what the shell starts ends with it.
    detached: true,
  });
  const closed = once(child, 'close');
  const end = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
  };
  t.after(end);
  let [output, errors] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (pattern.test(output)) resolve();
    });
    closed.then(() => resolve());
  });
  end();
  await closed;
  if (!pattern.test(output)) throw new Error(`It ended: ${output}${errors}`);
  return output;
}

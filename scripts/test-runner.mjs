/** What the scripts that run tests share: which files there are, and node's own runner, bounded in time. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The files of tests in these files and folders; ends the process if there are none. Node 20's runner takes no globs. */
export function findTests(paths) {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) giveUp(`${path} does not exist.`);
    if (statSync(path).isFile()) return [path];
    const names = readdirSync(path, { recursive: true }).filter((name) => name.endsWith('.test.ts'));
    return names.map((name) => join(path, name));
  });
  if (found.length === 0) giveUp(`No tests (*.test.ts) in ${paths.join(' ')}.`);
  return [...new Set(found)].sort();
}

/**
 * Has node run tests; signals are handed on.
 *
 * @param args for node, beside what they are reported by
 * @param options those of `spawn`
 * @param timeoutMs what the run may take before it is given up
 * @returns the process, and `ended`: its exit code
 */
export function startRunner(args, options, timeoutMs) {
  const reporter = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  const child = spawn(process.execPath, ['--test', ...reporter, ...args], options);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  const guard = setTimeout(() => {
    console.error(`✖ The tests did not end within ${timeoutMs / 60_000} minutes.`);
    child.kill('SIGKILL');
  }, timeoutMs);
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      clearTimeout(guard);
      resolve(signal === null ? (code ?? 1) : 1);
    });
  });
  return { child, ended };
}

function giveUp(why) {
  console.error(why);
  process.exit(1);
}

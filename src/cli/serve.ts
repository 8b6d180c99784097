/** `parlor serve`: the server, as `npm start` runs it, or what there is to know of how it is set up. */

import { checkConfig, type Findings } from '../config/check-config.ts';
import { renderSettings } from '../config/render-settings.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './failure.ts';

const failed = 1;

export async function serve({ options }: Arguments): Promise<void> {
  const { check, 'print-config': print } = options;
  if (check && print) throw new UsageError('Expected one of --check and --print-config; got both.');
  if (!check && !print) {
    // It runs from here on by itself, and sets the exit code.
    await import('../server.ts');
    return;
  }
  const findings = await checkConfig({ environment: process.env, directory: process.cwd() }, Date.now());
  if (check) report(findings);
  else printSettings(findings);
}

function report({ problems, warnings }: Findings): void {
  complain(problems, warnings);
  if (problems.length === 0) process.stdout.write('The options can be used.\n');
  else process.exitCode = failed;
}

/** Of values that cannot be used there is nothing to print; a file that is missing is no matter here. */
function printSettings({ config, settings, unusable }: Findings): void {
  complain(unusable, []);
  if (unusable.length === 0) process.stdout.write(`${renderSettings(config, settings)}\n`);
  else process.exitCode = failed;
}

function complain(problems: readonly string[], warnings: readonly string[]): void {
  const lines = [...problems, ...warnings.map((line) => `warning: ${line}`)];
  process.stderr.write(lines.map((line) => `parlor: ${line}\n`).join(''));
}

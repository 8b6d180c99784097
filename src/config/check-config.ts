/** All that is wrong or unsafe with how a server is set up, as far as that shows without listening or asking anybody. */

import { checkFiles } from './check-files.ts';
import type { Config } from './config.ts';
import { type ConfigSources, loadSettings, type Setting } from './load-config.ts';
import { risksOf } from './risks.ts';
import { requireClientAuthority } from './server-config.ts';

export interface Findings {
  readonly config: Config;
  readonly settings: readonly Setting[];
  /** Of the problems, those of values: of files nothing is said. */
  readonly unusable: readonly string[];
  /** Each a line: with any of these the server does not start, or nobody could use it. */
  readonly problems: readonly string[];
  /** Each a line. */
  readonly warnings: readonly string[];
}

/** @param now wall milliseconds */
export async function checkConfig(
  { environment, directory }: Omit<ConfigSources, 'warn' | 'onError'>,
  now: number,
): Promise<Findings> {
  const unusable: string[] = [];
  const warnings: string[] = [];
  const { config, settings } = loadSettings({
    environment,
    directory,
    warn: (line) => warnings.push(line),
    onError: ({ message }) => unusable.push(message),
  });
  try {
    requireClientAuthority(config);
  } catch (error) {
    unusable.push(error instanceof Error ? error.message : String(error));
  }
  const files = await checkFiles(config, now);
  return {
    config,
    settings,
    unusable,
    problems: [...unusable, ...files.problems],
    warnings: [...warnings, ...files.warnings, ...risksOf({ config, settings, directory })],
  };
}

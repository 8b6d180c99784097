/** The database file that a command is about: the one of the server that is started in the same folder. */

import { BadValue } from '../config/bad-value.ts';
import { storeUrl } from '../config/network-types.ts';
import { quote } from '../core/quote.ts';
import { Failure, UsageError } from './failure.ts';
import { ownConfig } from './own-config.ts';

/**
 * @param option what was given as `--store`, if it was; else STORE_URL of the environment or of `.env` counts
 * @throws Failure if there is no file because the store is in memory, or a Redis
 */
export function storeFile(option: string | undefined): string {
  const url = option === undefined ? ownConfig().storeUrl : parsed(option);
  if (url.scheme === 'sqlite') return url.path;
  const what =
    url.scheme === 'memory'
      ? 'memory:, of which there is nothing on the disk'
      : 'a Redis, which has tools of its own for this';
  throw new Failure(`${option === undefined ? 'STORE_URL' : '--store'} is ${what}.`);
}

function parsed(text: string) {
  try {
    return storeUrl.parse(text, '--store');
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw new UsageError(`--store: expected ${error.expected}; got ${error.came ?? quote(text)}.`);
  }
}

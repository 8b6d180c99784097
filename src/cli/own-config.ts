/** The options of the server that is started in the same folder with the same environment. */

import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';

/** @throws ConfigError if one of them cannot be used */
export function ownConfig(): Config {
  // Of what is probably a mistake in `.env` the server tells when it starts.
  return loadConfig({ environment: process.env, directory: process.cwd(), warn: () => {} });
}

/** The server's options as the help lists them. */

import { listOptions } from '../config/options.ts';

export function serverOptions(): string {
  return listOptions()
    .map(({ variable, fallback, sentence }) => `  ${variable}=${fallback}\n      ${sentence}`)
    .join('\n');
}

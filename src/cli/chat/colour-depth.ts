/** How many colours may be used. */

import { WriteStream } from 'node:tty';

/** In bits; 1: none. Whoever sets `FORCE_COLOR` wants them in a pipe, too. */
export function getColorDepth(output: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): number {
  const { NO_COLOR, ...others } = environment;
  // As no-color.org has it: present and not empty. Node takes an empty one, too.
  if (NO_COLOR) return 1;
  if (!output.isTTY && others.FORCE_COLOR === undefined) return 1;
  return WriteStream.prototype.getColorDepth.call(output, others);
}

/** The command `parlor` under its name, as after `npm link`: for commands that docs show. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from './cli.ts';
import { shellWords } from './tmux.ts';

/**
 * @param folder where it is put
 * @returns a PATH that finds it
 */
export function pathWithParlor(folder: string): string {
  writeFileSync(join(folder, 'parlor'), `#!/bin/sh\nexec ${shellWords(cli)} "$@"\n`, { mode: 0o755 });
  return `${folder}:${process.env.PATH}`;
}

/** How a file of the project is run as a process: compiled if the tests are (`scripts/test.mjs`), or else as it is. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const isCompiled = import.meta.filename.endsWith('.js');
/** Where the `src` and `test` are that run. */
export const root = join(import.meta.dirname, '../..');

const fromSource = fileURLToPath(new URL('../../scripts/from-source.mjs', import.meta.url));

/** What Node must be told to run them. */
export const nodeOptions: readonly string[] = isCompiled ? [] : ['--import', fromSource];

/** @param path from the project's folder, such as `src/server.ts` */
export function programFile(path: string): string {
  return join(root, isCompiled ? path.replace(/ts$/, 'js') : path);
}

/** @param path from the project's folder, such as `src/server.ts` */
export function programCommand(path: string): readonly string[] {
  return [process.execPath, ...nodeOptions, programFile(path)];
}

/** The server of this tree as it is run in earnest: compiled, into a temporary folder of its own. */

import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtPage } from '../../support/built-page.ts';
import { madeOnce } from '../../support/made-once.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const compileTimeoutMs = 120_000;
let building: Promise<string> | undefined;

/** The command that starts it. */
export async function builtServer(): Promise<readonly string[]> {
  building ??= madeOnce('server', build);
  return [process.execPath, '--max-semi-space-size=16', join(await building, 'dist/server.js')];
}

async function build(folder: string): Promise<void> {
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  // `npm run types` is what checks types.
  const args = [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(folder, 'dist')];
  await promisify(execFile)(process.execPath, args, { cwd: project, timeout: compileTimeoutMs });
  // Beside `dist` stands what the server finds beside it at home.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
  await symlink(await builtPage(), join(folder, 'public'));
}

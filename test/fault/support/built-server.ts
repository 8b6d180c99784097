/** The server of this tree as it is run in earnest: compiled, into a temporary folder of its own. */

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtPage } from '../../support/built-page.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const compileTimeoutMs = 120_000;
let building: Promise<readonly string[]> | undefined;

/** The command that starts it; built once per file of tests. */
export function builtServer(): Promise<readonly string[]> {
  building ??= build();
  return building;
}

async function build(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parlor-built-'));
  // A hook of a test would end it with the first one that asked for it.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  // `npm run types` is what checks types.
  const args = [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(folder, 'dist')];
  await promisify(execFile)(process.execPath, args, { cwd: project, timeout: compileTimeoutMs });
  // Beside `dist` stands what the server finds beside it at home.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
  await symlink(await builtPage(), join(folder, 'public'));
  return [process.execPath, '--max-semi-space-size=16', join(folder, 'dist/server.js')];
}

/**
 * The page of this tree, built into a temporary folder: what `public/assets` holds may be of an older source, or be
 * built anew in the midst of a test.
 */

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { copyFile, cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const project = fileURLToPath(new URL('../..', import.meta.url));
const buildTimeoutMs = 120_000;
let building: Promise<string> | undefined;

/** What the server takes as `publicDirectory`; built once per file of tests. */
export function builtPage(): Promise<string> {
  building ??= build();
  return building;
}

async function build(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlor-page-'));
  // A hook of a test would end it with the first one that asked for it.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const page of ['index.html', 'embed.html', 'embed-frame.html', 'admin.html']) {
    await copyFile(join(project, 'public', page), join(folder, page));
  }
  await cp(join(project, 'public/icons'), join(folder, 'icons'), { recursive: true });
  const args = [join(project, 'scripts/build.mjs'), join(folder, 'assets')];
  await promisify(execFile)(process.execPath, args, { timeout: buildTimeoutMs });
  return folder;
}

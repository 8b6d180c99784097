/**
 * The page of this tree, built into a temporary folder: what `public/assets` holds may be of an older source, or be
 * built anew in the midst of a test.
 */

import { execFile } from 'node:child_process';
import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { madeOnce } from './made-once.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const buildTimeoutMs = 120_000;
let building: Promise<string> | undefined;

/** What the server takes as `publicDirectory`. */
export function builtPage(): Promise<string> {
  building ??= madeOnce('page', build);
  return building;
}

async function build(folder: string): Promise<void> {
  for (const page of ['index.html', 'embed.html', 'embed-frame.html', 'admin.html']) {
    await copyFile(join(project, 'public', page), join(folder, page));
  }
  await cp(join(project, 'public/icons'), join(folder, 'icons'), { recursive: true });
  const args = [join(project, 'scripts/build.mjs'), join(folder, 'assets')];
  await promisify(execFile)(process.execPath, args, { timeout: buildTimeoutMs });
}

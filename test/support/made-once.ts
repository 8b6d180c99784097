/** What tests need that is made of the project's sources, such as its page: one for all files of a run. */

import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCompiled, root } from './program.ts';

/**
 * The folder that `make` filled, for reading only. A file of tests that is run by itself has one of its own.
 *
 * Several processes may ask at once: each makes it under another name, and one of them wins the renaming, so nobody
 * ever sees half of it.
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(root, `made-${name}`);
  if (isCompiled && existsSync(folder)) return folder;
  const fresh = await mkdtemp(isCompiled ? join(root, 'making-') : join(tmpdir(), `parlor-${name}-`));
  // A hook of a test would end it with the first one that asked for it.
  if (!isCompiled) process.once('exit', () => rmSync(fresh, { recursive: true, force: true }));
  await make(fresh);
  if (!isCompiled) return fresh;
  await rename(fresh, folder).catch(async (error: unknown) => {
    if (!existsSync(folder)) throw error;
    await rm(fresh, { recursive: true });
  });
  return folder;
}

/** A folder of somebody who has installed the package beside Fastify, with what this tree builds of it. */

import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type InstalledClient, installedClient } from '../client/support/installed-client.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** @param examples a folder of the examples, which is copied into it */
export async function installedPackage(t: TestContext, examples?: string): Promise<InstalledClient> {
  const installed = await installedClient(t);
  for (const name of ['fastify', '@fastify/static', '@types/node', 'undici-types']) {
    const link = join(installed.folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(project, 'node_modules', name), link);
  }
  if (examples !== undefined) {
    cpSync(join(project, 'examples', examples), installed.folder, { recursive: true });
  }
  return installed;
}

/** A folder of somebody who has installed the package, with what this tree builds of it. */

import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { builtServer } from '../../fault/support/built-server.ts';
import { temporaryFolder } from '../../support/sqlite.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));

export interface InstalledClient {
  readonly folder: string;
  /** The built modules. */
  readonly modules: string;
}

export async function installedClient(t: TestContext): Promise<InstalledClient> {
  const folder = temporaryFolder(t);
  const dist = dirname((await builtServer()).at(-1) ?? '');
  const installed = join(folder, 'node_modules/parlor');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(project, 'package.json'), join(installed, 'package.json'));
  symlinkSync(dist, join(installed, 'dist'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return { folder, modules: join(dist, 'client') };
}

/** An example of a page of the docs. */
export function exampleOf(page: string, name: string): string {
  const [, code] = new RegExp(`<!-- example: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (code === undefined) throw new Error(`The page has no example ${name}.`);
  return code;
}

/** What stands in a folder, so that it can be said that nobody has touched it. */

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Each file with its rights, its size, when it was last written, and the hash of what is in it. */
export function contentsOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(names.map((name) => [name, descriptionOf(join(folder, name))]));
}

function descriptionOf(path: string): string {
  const stats = lstatSync(path);
  const rights = stats.mode.toString(8);
  if (stats.isSymbolicLink()) return `${rights} to ${readlinkSync(path)}`;
  // A folder is written whenever something comes into being in it, be it for a moment.
  if (!stats.isFile()) return rights;
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
  return `${rights} ${stats.size} ${stats.mtimeMs} ${hash}`;
}

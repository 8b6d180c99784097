/** Results of cases, kept in files until the report is written: `bench/results/CASE.json`. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Results } from '../results.ts';

const folder = fileURLToPath(new URL('../results/', import.meta.url));

export function keepResults(name: string, { machine, measurements, thrownAway }: Results): void {
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ machine, measurements, thrownAway }, null, 2);
  writeFileSync(join(folder, `${name}.json`), `${text}\n`);
}

/** All that is kept. */
export function readResults(): Results[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Results);
}

/** Writes `docs/benchmarks.md` and the plots it shows. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from '../cases/all.ts';
import type { ProfileFindings } from '../profile/findings.ts';
import type { Results } from '../results.ts';
import { renderPage } from './page.ts';
import { drawPlots } from './plots.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

/**
 * @param folder instead of `docs`
 * @returns the files it has written, from the working directory
 */
export function writeReport(
  results: readonly Results[],
  findings: ProfileFindings | undefined,
  folder = docs,
): string[] {
  const plots = drawPlots(results.flatMap(({ measurements }) => measurements));
  mkdirSync(join(folder, 'benchmarks'), { recursive: true });
  const files = [
    { path: join(folder, 'benchmarks.md'), text: renderPage({ results, cases, plots, findings }) },
    ...plots.map(({ name, svg }) => ({ path: join(folder, 'benchmarks', `${name}.svg`), text: `${svg}\n` })),
  ];
  for (const { path, text } of files) writeFileSync(path, text);
  return files.map(({ path }) => relative('', path));
}

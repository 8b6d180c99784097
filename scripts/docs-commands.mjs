/**
 * `node scripts/docs-commands.mjs FILE` says which commands of the README and the docs no test has asked for, of those in blocks marked
 * `run: group` or `start: group`. FILE has what a whole run of the tests asked for (`test/support/readme.ts` writes it), a line each.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const [, , file = ''] = process.argv;
const asked = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
const pages = ['README.md', ...readdirSync(join(project, 'docs')).map((name) => `docs/${name}`)];
const left = pages
  .filter((path) => path.endsWith('.md'))
  .flatMap(marksOf)
  .filter((mark) => !asked.has(mark));
for (const mark of new Set(left)) console.log(`✖ No test has run the commands of ${mark}.`);
if (left.length > 0) process.exitCode = 1;

function marksOf(path) {
  const marks = readFileSync(join(project, path), 'utf8').matchAll(/^<!-- ((?:run|start): .+) -->$/gm);
  return [...marks].map(([, mark]) => `${path}: ${mark}`);
}

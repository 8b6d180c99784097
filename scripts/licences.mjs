/**
 * Holds the licence of every package in package-lock.json against those that may be in Parlor. Prints how many there are of
 * each, and which may not be there: then the exit code is 1. `node scripts/licences.mjs FILE` judges another lockfile.
 */
import { readFileSync } from 'node:fs';

/** What whoever runs Parlor gets: they ask for nothing but to be named. */
const anywhere = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);
/** What only builds and tests it: nobody is given a copy. */
const inDevelopment = new Set([...anywhere, 'MPL-2.0']);

const [lockfile = new URL('../package-lock.json', import.meta.url)] = process.argv.slice(2);
const { packages } = JSON.parse(readFileSync(lockfile, 'utf8'));
const installed = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true);
const counts = new Map();
const refused = [];
// What is both a dependency of development and an optional one (`devOptional`) may be installed by whoever runs Parlor.
for (const [path, { license, version, dev = false }] of installed) {
  const use = dev ? 'development' : 'production';
  const licence = license ?? 'none stated';
  counts.set(`${use}: ${licence}`, (counts.get(`${use}: ${licence}`) ?? 0) + 1);
  if (!isAllowed(licence, use === 'production' ? anywhere : inDevelopment)) {
    refused.push(`${path.replace(/^.*node_modules\//, '')} ${version} (${use}): ${licence}`);
  }
}

console.log(
  [...counts]
    .sort()
    .map(([name, count]) => `${String(count).padStart(4)} ${name}`)
    .join('\n'),
);
if (refused.length > 0) {
  console.error(
    `These licences may not be there (scripts/licences.mjs has the list):\n${refused.join('\n')}`,
  );
  process.exitCode = 1;
}

/**
 * Whether an SPDX expression leaves a choice that is allowed: `A OR B` one of them, `A AND B` both; OR binds less.
 * What is in parentheses is judged first. Anything else is a name, so that what is not understood is refused.
 */
function isAllowed(expression, allowed) {
  const inner = /\(([^()]*)\)/.exec(expression);
  if (inner) {
    const verdict = isAllowed(inner[1], allowed) ? 'yes' : 'no';
    return isAllowed(expression.replace(inner[0], verdict), allowed);
  }
  const isNameAllowed = (name) => name.trim() === 'yes' || allowed.has(name.trim());
  return expression.split(' OR ').some((choice) => choice.split(' AND ').every(isNameAllowed));
}

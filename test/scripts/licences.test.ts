import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/sqlite.ts';

const script = fileURLToPath(new URL('../../scripts/licences.mjs', import.meta.url));

test('every package that is installed has a licence that may be there', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(stdout, /\d+ production: MIT\n/);
});

test('a licence that asks for more than a name is refused, and the package is named', (t) => {
  for (const license of [
    'GPL-3.0-only',
    'MIT AND GPL-3.0-only',
    '(MIT OR ISC) AND SSPL-1.0',
    'MPL-2.0',
    '',
  ]) {
    const { status, stderr } = judge(t, {
      'node_modules/a/node_modules/@x/y': { version: '1.2.3', license },
    });
    assert.equal(status, 1, license);
    assert.ok(stderr.endsWith(`\n@x/y 1.2.3 (production): ${license}\n`), stderr);
  }
});

test('a package that states no licence is refused', (t) => {
  assert.match(judge(t, { 'node_modules/x': { version: '1.0.0' } }).stderr, /x 1\.0\.0 .*none stated/);
});

test('one of several to choose from is enough', (t) => {
  for (const license of ['GPL-3.0-only OR MIT', '(GPL-3.0-only OR (MIT AND ISC))']) {
    assert.equal(judge(t, { 'node_modules/x': { version: '1.0.0', license } }).status, 0, license);
  }
});

test('what is only developed with may ask for its own files', (t) => {
  const axe = { version: '4.0.0', license: 'MPL-2.0' };
  assert.equal(judge(t, { 'node_modules/axe': { ...axe, dev: true } }).status, 0);
  // Whoever runs Parlor may have it as well.
  assert.equal(judge(t, { 'node_modules/axe': { ...axe, devOptional: true } }).status, 1);
});

function judge(t: TestContext, packages: object): { status: number | null; stderr: string } {
  const lockfile = join(temporaryFolder(t), 'package-lock.json');
  writeFileSync(lockfile, JSON.stringify({ packages: { '': { version: '1.0.0' }, ...packages } }));
  return spawnSync(process.execPath, [script, lockfile], { encoding: 'utf8' });
}

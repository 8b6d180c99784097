/** docs/first-change.md, carried out: each step on a copy of what it changes. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { page } from './support/readme.ts';
import { temporaryFolder } from './support/sqlite.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

test('the first change that docs/first-change.md shows is one: its test fails before it, and passes with it', (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['package.json', 'tsconfig.json', 'CHANGELOG.md', 'src/core']) {
    cpSync(join(project, name), join(folder, name), { recursive: true, force: true });
  }
  cpSync(join(project, 'test/core/messages.test.ts'), join(folder, 'test/core/messages.test.ts'));
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));

  apply(folder, 'test');
  assert.deepEqual(failuresIn(folder), [
    'refuses more than twenty empty lines in a row, also with spaces in them',
  ]);
  apply(folder, 'code');
  assert.deepEqual(failuresIn(folder), []);
  apply(folder, 'changelog');
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', 'src/core'], { cwd: folder, encoding: 'utf8' });
  assert.equal(stdout, '');
});

/** The names of the tests of messages that fail. */
function failuresIn(folder: string): string[] {
  // Without this the inner runner takes itself for one file of the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const file = join(folder, 'test/core/messages.test.ts');
  const args = ['--import', join(project, 'scripts/from-source.mjs'), '--test-reporter=tap', '--test', file];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  assert.match(stdout, /^# tests [1-9]/m, stdout);
  return [...stdout.matchAll(/^ {4,}not ok \d+ - (.*)$/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'validateMessage');
}

/** Makes the change of a block; each of its hunks must find its place, and only one. */
function apply(folder: string, mark: string): void {
  const [, diff] =
    new RegExp(`<!-- patch: ${mark} -->\\n\`\`\`diff\\n([\\s\\S]*?)\`\`\``).exec(
      page('docs/first-change.md'),
    ) ?? [];
  const [, path = '', rest = ''] = /^--- a\/.*\n\+\+\+ b\/(.*)\n([\s\S]*)$/.exec(diff ?? '') ?? [];
  const file = join(folder, path);
  let text = readFileSync(file, 'utf8');
  for (const hunk of rest.split(/^@@\n/m).slice(1)) {
    const lines = hunk.split('\n').slice(0, -1);
    const side = (sign: string): string =>
      lines
        .filter((line) => line === '' || line.startsWith(' ') || line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join('');
    assert.equal(text.split(side('-')).length, 2, `${path} has once:\n${side('-')}`);
    text = text.replace(side('-'), () => side('+'));
  }
  writeFileSync(file, text);
}

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commitRelease, treeOf } from '../../scripts/release/commit.ts';
import { unsaid, withVersion } from '../../scripts/release/plan.ts';
import { has } from '../support/needs.ts';
import { programCommand } from '../support/program.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

test('a dry run tells what it would release, and changes nothing', (t) => {
  if (!has(t, 'git')) return;
  const folder = repository(t);
  const { status, stdout, stderr } = release(folder, '0.2.0', '--dry-run', '--quick');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.ok(stdout.includes(unsaid(readFileSync(join(folder, 'package.json'), 'utf8')) ?? ''));
  assert.match(stdout, /production: MIT\n[\s\S]*v0\.2\.0 would be made of 0\.1\.0[\s\S]*- What is new\.\n$/);
  assert.equal(git(folder, 'status', '--porcelain'), '');
  assert.equal(git(folder, 'tag'), '');
});

test('what is refused is refused before anything is done, in lines that say why', (t) => {
  if (!has(t, 'git')) return;
  const folder = repository(t);
  for (const [args, why] of [
    [['0.0.1', '--dry-run'], /^0\.0\.1 is older than 0\.1\.0/],
    [['0.2.0', '--quick'], /^Only a dry run can be quick/],
    [[], /^Expected: npm run release -- VERSION/],
    [['0.2.0', '--now'], /^Unknown option '--now'/],
  ] as const) {
    const { status, stdout, stderr } = release(folder, ...args);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, / {4}at /);
  }
  writeFileSync(join(folder, 'new.ts'), '');
  assert.match(
    release(folder, '0.2.0').stderr,
    /^What is not committed would not be in it:\n\?\? new\.ts\n$/,
  );
});

test('a release is one commit with a tag that goes along, of version, lockfile and changelog', (t) => {
  if (!has(t, 'git')) return;
  const folder = repository(t);
  const elsewhere = temporaryFolder(t);
  git(elsewhere, 'clone', '--quiet', '--bare', folder, '.');
  git(folder, 'remote', 'add', 'origin', elsewhere);
  commitRelease(folder, '0.2.0', '2026-02-03', treeOf(folder));
  assert.equal(git(folder, 'status', '--porcelain'), '');
  assert.equal(git(folder, 'log', '-1', '--format=%s'), 'Release 0.2.0\n');
  assert.equal(git(folder, 'describe'), 'v0.2.0\n');
  const changed = git(folder, 'show', '--format=', '--name-only', 'HEAD').trim().split('\n');
  assert.deepEqual(changed, ['CHANGELOG.md', 'package-lock.json', 'package.json']);
  assert.equal(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version, '0.2.0');
  // What the script says last.
  git(folder, 'push', '--quiet', '--follow-tags', 'origin', 'main');
  assert.equal(git(elsewhere, 'describe', 'main'), 'v0.2.0\n');
  // The same version cannot be released twice.
  assert.match(release(folder, '0.2.0', '--dry-run').stderr, /There is a tag v0\.2\.0 already\./);
});

test('what has changed since it was judged is not released', (t) => {
  if (!has(t, 'git')) return;
  const folder = repository(t);
  const judged = treeOf(folder);
  const path = join(folder, 'scripts/licences.mjs');
  const content = readFileSync(path, 'utf8');
  const refused = () => {
    assert.throws(() => commitRelease(folder, '0.2.0', '2026-02-03', judged), /Something has changed here/);
    assert.equal(git(folder, 'tag'), '');
    assert.equal(treeOf(folder).version, '0.1.0');
  };
  writeFileSync(path, `${content}\n`);
  refused();
  assert.equal(git(folder, 'status', '--porcelain'), ' M scripts/licences.mjs\n');
  git(folder, 'commit', '--quiet', '--all', '-m', 'Second');
  refused();
});

/** A repository that has what a release looks at. */
function repository(t: TestContext): string {
  const folder = temporaryFolder(t);
  cpSync(join(project, 'scripts/licences.mjs'), join(folder, 'scripts/licences.mjs'));
  for (const name of ['package.json', 'package-lock.json']) {
    writeFileSync(join(folder, name), withVersion(readFileSync(join(project, name), 'utf8'), '0.1.0'));
  }
  writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## [Unreleased]\n\n- What is new.\n');
  git(folder, 'init', '--quiet', '--initial-branch=main');
  // A machine of tests has nobody to commit as, and no key to sign with.
  for (const [name, value] of [
    ['user.name', 'Ada'],
    ['user.email', 'ada@example.org'],
    ['commit.gpgSign', 'false'],
    ['tag.gpgSign', 'false'],
  ] as const) {
    git(folder, 'config', name, value);
  }
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'First');
  return folder;
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}

function release(
  folder: string,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  const [node = '', ...command] = programCommand('scripts/release.ts');
  return spawnSync(node, [...command, ...args], { cwd: folder, encoding: 'utf8' });
}

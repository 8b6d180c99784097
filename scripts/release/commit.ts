/** What a release reads from a working tree, and the commit and the tag that it makes there. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasChanged, releasedChangelog, type Tree, tagOf, withVersion } from './plan.ts';

export function treeOf(project: string): Tree {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: project, encoding: 'utf8' });
  return {
    version: JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).version,
    changelog: readFileSync(join(project, 'CHANGELOG.md'), 'utf8'),
    head: git('rev-parse', 'HEAD').trim(),
    branch: git('branch', '--show-current').trim(),
    status: git('status', '--porcelain'),
    tags: git('tag', '--list').split('\n'),
  };
}

const changed = ['package.json', 'package-lock.json', 'CHANGELOG.md'];

/**
 * Writes version and changelog, commits and tags them.
 * @param date as `2026-01-31`
 * @param judged the tree that may be released: to judge it takes so long that somebody may go on working meanwhile
 * @throws Error if the tree is another one by now; then nothing is done
 */
export function commitRelease(project: string, version: string, date: string, judged: Tree): void {
  if (hasChanged(judged, treeOf(project))) {
    throw new Error('Something has changed here since it was judged: nothing is released.');
  }
  const rewrite = (name: string, change: (text: string) => string): void => {
    const path = join(project, name);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  };
  rewrite('package.json', (text) => withVersion(text, version));
  rewrite('package-lock.json', (text) => withVersion(text, version));
  rewrite('CHANGELOG.md', (text) => releasedChangelog(text, version, date));
  const message = `Release ${version}`;
  execFileSync('git', ['commit', '--quiet', '-m', message, '--', ...changed], { cwd: project });
  execFileSync('git', ['tag', '--annotate', tagOf(version), '-m', message], { cwd: project });
}

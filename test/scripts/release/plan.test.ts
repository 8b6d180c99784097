import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  notesOf,
  objections,
  releasedChangelog,
  type Tree,
  unsaid,
  withVersion,
} from '../../../scripts/release/plan.ts';

const changelog = `# Changelog

## [Unreleased]

### Added

- Something for $& and all.

## [1.0.0] - 2026-01-01

- The first.
`;
const tree: Tree = {
  version: '1.0.0',
  changelog,
  branch: 'main',
  head: 'abc',
  status: '',
  tags: ['v1.0.0', 'v0.9.0'],
};

test('nothing stands against a newer version of a clean tree', () => {
  for (const version of ['1.0.1', '1.1.0', '2.0.0', '10.0.0'])
    assert.deepEqual(objections(version, tree), []);
  assert.deepEqual(objections('1.0.0', { ...tree, tags: [] }), [], 'the first one may be the one it has');
});

test('all that stands against a release is told at once', () => {
  const found = objections('1.0.0', {
    ...tree,
    branch: 'idea',
    status: ' M src/app.ts\n',
    changelog: '## [Unreleased]\n\n## [1.0.0] - 2026-01-01\n\n- The first.\n',
  });
  assert.deepEqual(found, [
    'There is a tag v1.0.0 already.',
    'Releases are made on main, not on idea.',
    'What is not committed would not be in it:\n M src/app.ts',
    'CHANGELOG.md says nothing under "## [Unreleased]".',
  ]);
});

test('an older version and what is no version are refused', () => {
  assert.deepEqual(objections('0.9.9', tree), ['0.9.9 is older than 1.0.0, which package.json has.']);
  assert.deepEqual(objections('1.1.0', { ...tree, tags: ['v1.2.0', 'vain', 'v01.9.9'] }), [
    '1.1.0 is older than v1.2.0, which is a tag.',
  ]);
  assert.match(objections('1.01.0', tree).join(), /must be three numbers/);
  assert.match(objections('v1.1', tree).join(), /must be three numbers, such as 1\.2\.3, not "v1\.1"/);
});

test('a release that was broken off before its tag says what is missing', () => {
  const released = {
    ...tree,
    version: '1.1.0',
    changelog: releasedChangelog(changelog, '1.1.0', '2026-02-03'),
  };
  assert.deepEqual(objections('1.1.0', released), [
    'Release 1.1.0 was broken off: its commit lacks the tag. If that is the last one: git tag --annotate v1.1.0 -m "Release 1.1.0"',
  ]);
  assert.deepEqual(objections('1.2.0', released), ['CHANGELOG.md says nothing under "## [Unreleased]".']);
});

test('the notes of a release are what stands under Unreleased, and become its section', () => {
  assert.equal(notesOf(changelog), '### Added\n\n- Something for $& and all.');
  const released = releasedChangelog(changelog, '1.1.0', '2026-02-03');
  assert.equal(notesOf(released), '');
  assert.ok(
    released.startsWith(
      '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-02-03\n\n### Added\n\n- Something for $& and all.\n\n## [1.0.0]',
    ),
    released,
  );
});

test('the changelog of this tree has notes to release, or has just been released', () => {
  const own = readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8');
  assert.ok(own.includes('\n## [Unreleased]\n'));
});

test('of package.json and the lockfile nothing but the version changes, not even a space', () => {
  for (const name of ['package.json', 'package-lock.json']) {
    const text = readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
    const { version } = JSON.parse(text);
    assert.equal(withVersion(text, version), text, name);
    const [before, after] = [text, withVersion(text, '9.8.7')].map((content) => content.split('\n'));
    const changed = after?.filter((line, number) => line !== before?.[number]);
    const expected =
      name === 'package.json'
        ? ['  "version": "9.8.7",']
        : ['  "version": "9.8.7",', '      "version": "9.8.7",'];
    assert.deepEqual(changed, expected, name);
  }
});

test('what the package does not tell of itself is named, and nothing where it tells all', () => {
  const told = { repository: 'git', homepage: 'https://example.org', bugs: 'https://example.org' };
  assert.equal(unsaid(JSON.stringify(told)), undefined);
  assert.match(unsaid(JSON.stringify({ ...told, bugs: undefined })) ?? '', /^package\.json has no bugs: /);
});

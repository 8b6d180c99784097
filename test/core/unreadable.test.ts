import assert from 'node:assert/strict';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyUnreadable } from '../../src/core/unreadable.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const reasonOf = (path: string) =>
  readFile(path).then(
    () => assert.fail(`${path} can be read`),
    (error: unknown) => whyUnreadable(path, error, '/srv/parlor'),
  );

test('it is said in words why a file cannot be read', async (t) => {
  const folder = temporaryFolder(t);
  await symlink('circle', join(folder, 'circle'));
  assert.equal(await reasonOf(join(folder, 'users')), 'it is not there');
  assert.equal(await reasonOf(folder), 'it is a folder');
  assert.equal(await reasonOf(join(folder, 'circle')), 'its links lead in a circle');
  const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  assert.equal(whyUnreadable('users', refused, '/'), 'this user may not');
});

test('of a path that is not whole it is said where it was looked for', async () => {
  assert.equal(await reasonOf('nowhere/users'), 'it is not there, seen from "/srv/parlor"');
  const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  assert.equal(whyUnreadable('C:\\users', missing, 'D:\\'), 'it is not there');
});

test('what has no word of its own goes by the name that the system gives it', () => {
  const error = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  assert.equal(whyUnreadable('/users', error, '/'), 'EIO');
  assert.equal(whyUnreadable('/users', 'text', '/'), 'it is no file');
});

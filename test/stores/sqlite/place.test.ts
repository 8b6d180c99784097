import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openSqlite, temporaryFolder } from '../../support/sqlite.ts';

const permissions = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('a folder that is made for a database, and everything in it, is its owner’s alone', async (t) => {
  const path = join(temporaryFolder(t), 'new', 'data', 'parlor.db');
  const store = await openSqlite(path);
  t.after(() => store.close());
  for (const folder of [dirname(path), dirname(dirname(path))]) assert.equal(permissions(folder), '700');
  for (const ending of ['', '-wal', '-shm', '-lock']) assert.equal(permissions(path + ending), '600', ending);
});

test('a folder that is there stays as it is', async (t) => {
  const folder = join(temporaryFolder(t), 'data');
  mkdirSync(folder);
  chmodSync(folder, 0o750);
  const store = await openSqlite(join(folder, 'parlor.db'));
  await store.close();
  assert.equal(permissions(folder), '750');
});

test('a name of which SQLite would cut off the end is refused', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['parlor.db ', 'new/parlor.db\n']) {
    await assert.rejects(openSqlite(join(folder, name)), /has a name that begins or ends with white space/);
  }
  assert.deepEqual(readdirSync(folder), []);
});

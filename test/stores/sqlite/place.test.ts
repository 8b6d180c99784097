import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openSqlite, temporaryFolder } from '../../support/sqlite.ts';

const permissions = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('a folder that is made for a database, and everything in it, is its owner’s alone', async (t) => {
  const path = join(temporaryFolder(t), 'new', 'data', 'parlor.db');
  const store = await openSqlite(path);
  t.after(() => store.close());
  assert.equal(permissions(dirname(path)), '700');
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

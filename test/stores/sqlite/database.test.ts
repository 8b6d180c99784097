import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase, type Synchronous } from '../../../src/stores/sqlite/database.ts';
import { temporaryFolder } from '../../support/sqlite.ts';

// As SQLite numbers them.
const levels: readonly (readonly [Synchronous, number])[] = [
  ['full', 2],
  ['normal', 1],
];

for (const [synchronous, level] of levels) {
  test(`[P-1] a commit is done as STORE_SYNCHRONOUS=${synchronous} says, in a new file and in one that was there`, (t) => {
    const path = join(temporaryFolder(t), 'parlor.db');
    for (const file of ['new', 'old']) {
      const opened = openDatabase(path, synchronous);
      try {
        const inForce = (pragma: string) => opened.database.pragma(pragma, { simple: true });
        assert.equal(inForce('journal_mode'), 'wal', file);
        assert.equal(inForce('synchronous'), level, file);
        assert.equal(inForce('wal_autocheckpoint'), 0, file);
        assert.deepEqual([inForce('fullfsync'), inForce('checkpoint_fullfsync')], [1, 1], file);
      } finally {
        opened.close();
      }
    }
  });
}

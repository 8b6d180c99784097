import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { claimOf } from '../contract/store-contract.ts';
import { openSqlite, temporaryFolder } from '../support/sqlite.ts';

const room = 'lobby';

test('what only reads is answered although what it shared a transaction with cannot be committed', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const store = await openSqlite(path);
  t.after(() => store.close());
  const answer = await store.openSession(claimOf('Ada'), true, 100);
  assert.ok(answer.outcome === 'opened');
  const { record } = answer;
  const say = (message: string) =>
    store.append(room, [{ sessionId: record.sessionId, message, key: null, isRepeatOnly: false }]);

  // Who holds the lock of all writers keeps the store from writing.
  const other = new SqliteDatabase(path);
  t.after(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  for (const status of ['ready', 'away']) {
    assert.equal(store.status, status);
    // Asked for in one turn: one transaction, as far as that is up to the callers.
    const [first, found, idle, last] = await Promise.allSettled([
      say('never'),
      store.findSession(room, record.tokenHash),
      store.expired([record], 3_600_000),
      say('ever'),
    ]);
    for (const said of [first, last]) {
      assert.ok(said.status === 'rejected');
      assert.equal(said.reason.code, 'unavailable');
    }
    assert.deepEqual(found, { status: 'fulfilled', value: record });
    assert.deepEqual(idle, { status: 'fulfilled', value: [] });
  }
  other.exec('ROLLBACK');
  const [said] = await say('at last');
  assert.ok(said?.outcome === 'appended');
  assert.equal(said.id, 2);
  assert.equal(store.status, 'ready');
});

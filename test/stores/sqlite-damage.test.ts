import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { ChatError } from '../../src/core/errors.ts';
import { claimOf } from '../contract/store-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openSqlite, sqliteStore, temporaryFolder } from '../support/sqlite.ts';

const room = 'lobby';
// More than SQLite keeps in memory.
const written = { messages: 300, bytes: 32 * 1024 };
const pageBytes = 4096;

test('a file that is found damaged while it is open is left alone, and that is said once', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const faults: string[] = [];
  const clock = new FakeClock();
  const store = await openSqlite(path, { clock, onFault: (error) => faults.push(String(error)) });
  t.after(() => store.close());
  const opened = await store.openSession(claimOf('Ada'), true, 100);
  assert.ok(opened.outcome === 'opened');
  const { sessionId, tokenHash } = opened.record;
  const say = (message: string) =>
    store.append(room, [{ sessionId, message, key: null, isRepeatOnly: false }]);
  const listener = { deliver: () => {}, ended: () => {} };
  for (let at = 0; at < written.messages; at++) await say('x'.repeat(written.bytes));
  const other = new SqliteDatabase(path);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
  const statuses: string[] = [];
  store.onStatus((status) => statuses.push(status));

  const file = openSync(path, 'r+');
  const { size } = fstatSync(file);
  for (let at = pageBytes; at < size; at += pageBytes)
    writeSync(file, Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, at);
  closeSync(file);
  const isUnavailable = (error: unknown) => error instanceof ChatError && error.code === 'unavailable';
  await assert.rejects(store.load(room, listener), isUnavailable);
  assert.deepEqual([statuses, store.status], [['away'], 'away']);
  assert.equal(faults.length, 1, faults.join('\n'));
  assert.match(faults[0] ?? '', /parlor\.db is damaged \(.*SQLITE_CORRUPT\).*Put a backup in its place/);
  assert.ok(faults[0]?.includes(path) && !faults[0].includes('\n'), faults[0]);

  // It does not come back by itself, and nobody waits for it.
  await assert.rejects(say('never'), isUnavailable);
  await assert.rejects(store.findSession(room, tokenHash), isUnavailable);
  clock.advance(60_000);
  await store.close();
  assert.deepEqual([statuses, store.status, faults.length], [['away'], 'away', 1]);
  await assert.rejects(sqliteStore(path).opened(), /is damaged/);
});

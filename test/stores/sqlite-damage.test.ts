import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import type { Synchronous } from '../../src/stores/sqlite/database.ts';
import { claimOf } from '../contract/store-contract.ts';
import { refused } from '../support/domain.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openSqlite, sqliteStore, temporaryFolder } from '../support/sqlite.ts';

const room = 'lobby';
// More than SQLite keeps in memory.
const written = { messages: 300, bytes: 32 * 1024 };
const pageBytes = 4096;

interface Open {
  readonly path: string;
  readonly store: Awaited<ReturnType<typeof openSqlite>>;
  readonly clock: FakeClock;
  readonly faults: readonly string[];
  readonly statuses: readonly string[];
  readonly tokenHash: string;
  say(message: string): Promise<unknown>;
  /** Has the room read from the file. */
  read(): Promise<unknown>;
}

/** A store with much in its file, and a little in its write-ahead log. */
async function setUp(t: TestContext, synchronous: Synchronous = 'full'): Promise<Open> {
  const path = join(temporaryFolder(t), 'parlor.db');
  const faults: string[] = [];
  const clock = new FakeClock();
  const onFault = (error: unknown) => faults.push(String(error));
  const store = await openSqlite(path, { clock, synchronous, onFault });
  t.after(() => store.close());
  const opened = await store.openSession(claimOf('Ada'), true, 100);
  assert.ok(opened.outcome === 'opened');
  const { sessionId, tokenHash } = opened.record;
  const say = (message: string) =>
    store.append(room, [{ sessionId, message, key: null, isRepeatOnly: false }]);
  for (let at = 0; at < written.messages; at++) await say('x'.repeat(written.bytes));
  const other = new SqliteDatabase(path);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
  await say('only in the write-ahead log');
  const statuses: string[] = [];
  store.onStatus((status) => statuses.push(status));
  const read = () => store.load(room, { deliver: () => {}, ended: () => {} });
  return { path, store, clock, faults, statuses, tokenHash, say, read };
}

/** Overwrites the pages of a file from one on. */
function spoil(path: string, firstPage: number): void {
  const file = openSync(path, 'r+');
  const { size } = fstatSync(file);
  for (let at = firstPage * pageBytes; at < size; at += pageBytes)
    writeSync(file, Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, at);
  closeSync(file);
}

function hashesOf(path: string): string[] {
  return [path, `${path}-wal`].map((name) => createHash('sha256').update(readFileSync(name)).digest('hex'));
}

test('a file that is found damaged while it is open is said to be so once, and nobody waits for it', async (t) => {
  const { path, store, clock, faults, statuses, tokenHash, say, read } = await setUp(t);
  spoil(path, 1);
  const isRefused = { code: 'unavailable', message: 'The database is damaged.' };
  await assert.rejects(read(), isRefused);
  assert.deepEqual([statuses, store.status], [['away'], 'away']);
  assert.equal(faults.length, 1, faults.join('\n'));
  assert.match(faults[0] ?? '', /parlor\.db is damaged \(.*SQLITE_CORRUPT\).*Put a backup in its place/);
  assert.ok(faults[0]?.includes(path) && !faults[0].includes('\n'), faults[0]);

  // It does not come back by itself.
  await assert.rejects(say('never'), isRefused);
  await assert.rejects(store.findSession(room, tokenHash), isRefused);
  clock.advance(60_000);
  await store.close();
  assert.deepEqual([statuses, store.status, faults.length], [['away'], 'away', 1]);
  await assert.rejects(sqliteStore(path).opened(), /is damaged/);
});

for (const synchronous of ['full', 'normal'] as const) {
  test(`a damaged file and its write-ahead log stay as they are, also at the end (${synchronous})`, async (t) => {
    const { path, store, faults, read } = await setUp(t, synchronous);
    assert.ok(statSync(`${path}-wal`).size > 0);
    spoil(path, 1);
    const before = hashesOf(path);
    await assert.rejects(read(), refused('unavailable'));
    assert.deepEqual(hashesOf(path), before, 'once it was found');
    await store.close();
    assert.deepEqual(hashesOf(path), before, 'once the store was closed');
    assert.equal(faults.length, 1, faults.join('\n'));
  });
}

test('so does one whose first page is damaged, too', async (t) => {
  const { path, store, read } = await setUp(t);
  spoil(path, 0);
  const before = hashesOf(path);
  await assert.rejects(read(), refused('unavailable'));
  await store.close();
  assert.deepEqual(hashesOf(path), before);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { Store } from '../../../src/core/store.ts';
import { Erasure } from '../../../src/stores/sqlite/erasure.ts';
import { migrate } from '../../../src/stores/sqlite/schema.ts';
import { Tables } from '../../../src/stores/sqlite/tables.ts';
import { WriteAheadLog } from '../../../src/stores/sqlite/write-ahead-log.ts';
import { claimOf } from '../../contract/store-contract.ts';
import { SeededRandom } from '../../fault/support/seeded-random.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openSqlite, temporaryFolder } from '../../support/sqlite.ts';
import { waitUntil } from '../../support/wait-until.ts';

const room = 'lobby';

/** Whether the bytes of any file there have the text. By another process: to close such a file here frees the store's locks. */
function isIn(folder: string, text: string): boolean {
  const { status, stderr } = spawnSync('grep', ['-rqaF', '--', text, folder], { encoding: 'utf8' });
  assert.ok(status === 0 || status === 1, stderr);
  return status === 0;
}

async function isGone(folder: string, text: string): Promise<void> {
  await waitUntil(() => !isIn(folder, text), `${text} is gone`, 30_000, 50);
}

async function opened(store: Store, name: string): Promise<string> {
  const answer = await store.openSession(claimOf(name), true, 10);
  assert.ok(answer.outcome === 'opened');
  return answer.record.sessionId;
}

describe('what was redacted', () => {
  it('[LOG-4] is soon nowhere in the bytes of the files any more, however large it was', async (t) => {
    const folder = temporaryFolder(t);
    const store = await openSqlite(join(folder, 'parlor.db'));
    t.after(() => store.close());
    const sessionId = await opened(store, 'Ada');
    const secrets = [10, 1_000, 5_000, 40_000].map((size, i) => `secret-${i}-${'x'.repeat(size)}-tail-${i}`);
    for (const [i, secret] of secrets.entries()) {
      for (const [j, message] of [`before ${i}`, secret, 'y'.repeat(500 * i)].entries()) {
        await store.append(room, [{ sessionId, message, key: `k${i}-${j}`, isRepeatOnly: false }]);
      }
    }
    await store.announce(room, 'secret-4-announced-tail-4');
    const log = await read(store);
    const targets = log
      .filter((json) => json.includes('"message":"secret'))
      .map((json) => JSON.parse(json).id);
    assert.equal(targets.length, 5);
    assert.ok(isIn(folder, 'secret-2-') && isIn(folder, '-tail-4'), 'they are there until then');
    for (const target of targets) assert.equal((await store.redact(room, target)).outcome, 'redacted');
    for (let i = 0; i < 5; i++) {
      await isGone(folder, `secret-${i}-`);
      await isGone(folder, `-tail-${i}`);
    }
    assert.ok(isIn(folder, 'before 3'), 'everything else is still there');
  });

  it('[LOG-4] is gone after an end too, and the file is as it should be', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'parlor.db');
    const first = await openSqlite(path);
    await first.announce(room, 'a secret');
    await first.announce(room, 'harmless');
    await first.redact(room, 1);
    await first.close();
    assert.ok(!isIn(folder, 'a secret'));
    // It looks at every row, and at the sum of all.
    const second = await openSqlite(path);
    t.after(() => second.close());
    const [redacted, harmless] = await read(second);
    assert.match(redacted ?? '', /"message":"","redacted":true\}$/);
    assert.match(harmless ?? '', /harmless/);
    assert.deepEqual((await second.redact(room, 1)).outcome, 'repeated');
  });

  it('[LOG-4] goes with the next start if the server was killed before', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'parlor.db');
    const made = await openSqlite(path);
    await made.announce(room, 'harmless');
    await made.close();
    // A copy of a row that SQLite knows nothing of any more, and that it is owed to take it away.
    const database = new SqliteDatabase(path);
    database.pragma('secure_delete = OFF');
    database.prepare('INSERT INTO meta VALUES (?, ?)').run('trace', 'a secret');
    database.prepare('DELETE FROM meta WHERE name = ?').run('trace');
    database.close();
    const without = join(folder, 'without');
    mkdirSync(without);
    cpSync(path, join(without, 'parlor.db'));
    const owing = new SqliteDatabase(path);
    owing.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run('redacted', '1');
    owing.close();

    for (const file of [path, join(without, 'parlor.db')]) {
      const store = await openSqlite(file);
      assert.equal((await read(store)).length, 1);
      if (file === path) {
        await waitUntil(() => markOf(path) === '0', 'it is done');
      }
      await store.close();
    }
    assert.ok(isIn(without, 'a secret'), 'nothing else would take it away');
    assert.equal(spawnSync('grep', ['-qaF', 'a secret', path]).status, 1);
  });

  it('stays in the write-ahead log while somebody reads it, and goes when he has finished', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'parlor.db');
    const store = await openSqlite(path);
    t.after(() => store.close());
    await store.announce(room, 'a secret');
    const reader = new SqliteDatabase(path, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM events').get();
    const { outcome } = await store.redact(room, 1);
    assert.equal(outcome, 'redacted');
    assert.doesNotMatch((await read(store)).join(), /secret/, 'nobody else is given it');
    assert.match(String(reader.prepare('SELECT json FROM events').pluck().get()), /secret/);
    reader.exec('COMMIT');
    reader.close();
    await isGone(folder, 'a secret');
  });
});

function markOf(path: string): unknown {
  const reader = new SqliteDatabase(path, { readonly: true });
  try {
    return reader.prepare(`SELECT value FROM meta WHERE name = 'redacted'`).pluck().get();
  } finally {
    reader.close();
  }
}

async function read(store: Store): Promise<string[]> {
  const { log, unsubscribe } = await store.load(room, { deliver: () => {}, ended: () => {} });
  unsubscribe();
  return log.events.map(({ json }) => json);
}

/** A file in memory, whose pages were divided and joined as talk and retention do it. */
function talkedIn(random: SeededRandom): { database: Database; secrets: string[] } {
  const database = new SqliteDatabase(':memory:');
  migrate(database);
  database.pragma('secure_delete = ON');
  const put = database.prepare('INSERT INTO events VALUES (?, ?, 1, ?, 1)');
  const drop = database.prepare('DELETE FROM events WHERE room = ? AND id <= ?');
  const heads = [0, 0, 0];
  const secrets: string[] = [];
  for (let i = 0; i < 400; i++) {
    const which = random.between(0, 2);
    const id = (heads[which] ?? 0) + 1;
    heads[which] = id;
    const secret = `secret-${i}-`;
    put.run(which, id, `{"message":"${secret}${'x'.repeat(random.between(0, 30) ** 2)}"}`);
    if (i % 100 === 50) for (const [one, head] of heads.entries()) drop.run(one, head - 100);
  }
  const kept = database
    .prepare<[], { room: number; id: number; json: string }>('SELECT room, id, json FROM events')
    .all();
  const replace = database.transaction((row: { room: number; id: number }) => {
    database.prepare('DELETE FROM events WHERE room = ? AND id = ?').run(row.room, row.id);
    put.run(row.room, row.id, '{}');
  });
  for (const row of kept.filter(({ id }) => id % 3 === 0)) {
    replace(row);
    secrets.push(/secret-\d+-/.exec(row.json)?.[0] ?? '');
  }
  return { database, secrets };
}

describe('Erasure', () => {
  it('takes away what SQLite has left of rows where it divided a page', () => {
    let left = 0;
    for (let seed = 1; seed <= 50 && left === 0; seed++) {
      const { database, secrets } = talkedIn(new SeededRandom(seed));
      const tables = new Tables(database);
      const log = new WriteAheadLog(database, true, new FakeClock());
      const erasure = new Erasure(database, tables, log, new FakeClock());
      const count = () => secrets.filter((secret) => database.serialize().includes(secret)).length;
      left = count();
      erasure.owe();
      tables.commit();
      erasure.run();
      assert.equal(count(), 0);
      assert.equal(erasure.isDue, false);
      assert.equal(tables.meta('redacted'), '0');
      database.close();
    }
    assert.ok(left > 0, 'overwriting the rows alone leaves some, or the file need not be rewritten');
  });

  it('is done once for all that is redacted in a while, and takes a small part of the time', () => {
    const clock = new FakeClock();
    const { erasure, calls, tables } = faked(clock, () => clock.advance(1_000));
    assert.equal(erasure.isDue, false, 'nothing is owed');
    erasure.owe();
    tables.commit();
    assert.equal(erasure.isDue, true);
    erasure.run();
    assert.equal(erasure.isDue, false);
    for (let i = 0; i < 3; i++) erasure.owe();
    tables.commit();
    clock.advance(18_000);
    assert.equal(erasure.isDue, false);
    clock.advance(1_000);
    assert.equal(erasure.isDue, true);
    erasure.run();
    assert.equal(calls.length, 2);
  });

  it('is tried again a minute after it failed, and before the end only if it is quick', () => {
    const clock = new FakeClock();
    let isFull = true;
    const { erasure, calls, tables, size } = faked(clock, () => {
      if (isFull) throw new Error('database or disk is full');
    });
    erasure.owe();
    tables.commit();
    assert.throws(() => erasure.run(), /full/);
    assert.equal(erasure.isDue, false);
    clock.advance(60_000);
    assert.equal(erasure.isDue, true);
    erasure.finish();
    assert.equal(calls.length, 2, 'the end is no worse for it');
    isFull = false;
    size.pages = 20_000;
    erasure.finish();
    assert.equal(calls.length, 2);
    size.pages = 2;
    erasure.finish();
    assert.equal(calls.length, 3);
    assert.equal(tables.meta('redacted'), '0');
  });

  it('says of a file that is too large to be rewritten what is to be done, once', () => {
    const clock = new FakeClock();
    const { erasure, calls, tables, size } = faked(clock, () => {});
    size.pages = 200_000;
    erasure.owe();
    tables.commit();
    assert.throws(() => erasure.run(), /more than 512 MiB .* `parlor backup`/);
    clock.advance(3_600_000);
    assert.equal(erasure.isDue, false);
    assert.deepEqual(calls, []);
    assert.equal(tables.meta('redacted'), '1', 'the next start says it again');
  });
});

/** With a file that is as large as it says, and rewritten as it says. */
function faked(clock: FakeClock, rewrite: () => void) {
  const database = new SqliteDatabase(':memory:');
  migrate(database);
  const tables = new Tables(database);
  const size = { pages: 2 };
  const calls: string[] = [];
  const seen = {
    pragma: (name: string) => (name === 'page_count' ? size.pages : 4096),
    exec: (sql: string) => {
      if (sql !== 'VACUUM') return;
      calls.push(sql);
      rewrite();
    },
  };
  const erasure = new Erasure(seen, tables, new WriteAheadLog(database, true, clock), clock);
  return { erasure, calls, tables, size };
}

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import type { RestrictionDraft } from '../../../src/core/restriction.ts';
import { openDatabase } from '../../../src/stores/sqlite/database.ts';
import { SqliteEngine } from '../../../src/stores/sqlite/engine.ts';
import type { Operation } from '../../../src/stores/sqlite/protocol.ts';
import { migrate, migrations, versionOf } from '../../../src/stores/sqlite/schema.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ampleHistory, openSqlite, sqliteStore, temporaryFolder } from '../../support/sqlite.ts';
import { storedTalk } from './support/stored-talk.ts';

/** How many steps a file had gone before there were bans. */
const before = migrations.findIndex((step) => step.includes('CREATE TABLE restrictions'));

function draftOf(id: string): RestrictionDraft {
  return { id, kind: 'name', value: `name ${id}`, room: null, reason: 'said “so”' };
}

test('a file of before there were bans is brought up to date, keeps what is in it, and takes bans', async (t) => {
  const folder = temporaryFolder(t);
  const [path, oldPath] = [join(folder, 'parlor.db'), join(folder, 'old.db')];
  await storedTalk(path);
  const old = new SqliteDatabase(oldPath);
  old.pragma('journal_mode = WAL');
  migrate(old, migrations.slice(0, before));
  old.prepare('ATTACH ? AS now').run(path);
  for (const table of ['rooms', 'events', 'sessions', 'answers']) {
    const columns = old
      .prepare(`SELECT name FROM pragma_table_info('${table}', 'main')`)
      .pluck()
      .all()
      .join();
    old.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM now.${table}`);
  }
  assert.equal(versionOf(old), before);
  old.close();
  const store = await openSqlite(oldPath);
  const { log } = await store.load('lobby', { deliver: () => {}, ended: () => {} });
  assert.deepEqual([log.events.length, store.unheld], [8, 3]);
  const kept = await store.putRestriction(draftOf('a'), null);
  await store.close();
  const again = await openSqlite(oldPath);
  t.after(() => again.close());
  const found: unknown[] = [];
  await again.watchRestrictions({ all: (all) => found.push(...all), put: () => {}, removed: () => {} });
  assert.deepEqual(found, [kept]);
});

test('a ban is there after the process was killed once it was acknowledged', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const store = await openSqlite(path);
  await store.putRestriction(draftOf('a'), null);
  // The file and its log as they are on the disk at this moment.
  const copy = join(temporaryFolder(t), 'parlor.db');
  for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
  await store.close();
  const next = await openSqlite(copy);
  t.after(() => next.close());
  assert.equal(await next.removeRestriction('a'), true);
});

test('a ban that was changed in the file is noticed', async (t) => {
  for (const change of [
    `UPDATE restrictions SET json = replace(json, 'name a', 'name b')`,
    `DROP TRIGGER restriction_dropped; DELETE FROM restrictions`,
  ]) {
    const path = join(temporaryFolder(t), 'parlor.db');
    const store = await openSqlite(path);
    await store.putRestriction(draftOf('a'), null);
    await store.close();
    const database = new SqliteDatabase(path);
    database.exec(change);
    database.close();
    const refused = sqliteStore(path);
    t.after(() => refused.close());
    await assert.rejects(refused.opened(), /is damaged/);
  }
});

test('what is taken back with others’ bug is carried out again, and told once', (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const engine = new SqliteEngine(openDatabase(path, 'full'), {
    time: new FakeClock(),
    history: ampleHistory,
    maxTotalBytes: Number.POSITIVE_INFINITY,
  });
  t.after(() => engine.close());
  const broken = { name: 'open', claim: null, join: true, maxMembers: 1 } as unknown as Operation;
  engine.run([{ name: 'restrict', draft: draftOf('a'), forMs: null }]);
  const { answers, bugs, restrictions } = engine.run([
    { name: 'restrict', draft: draftOf('b'), forMs: null },
    { name: 'lift', id: 'a' },
    broken,
    { name: 'restrictions' },
  ]);
  assert.deepEqual([...bugs.keys()], [2]);
  assert.deepEqual(
    restrictions.map((change) => (change.type === 'put' ? change.restriction.id : `-${change.id}`)),
    ['b', '-a'],
  );
  assert.deepEqual(answers[3], [answers[0]]);
  assert.deepEqual(engine.run([{ name: 'restrictions' }]).restrictions, []);
});

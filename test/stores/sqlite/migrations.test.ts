import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { openDatabase } from '../../../src/stores/sqlite/database.ts';
import { inspect } from '../../../src/stores/sqlite/inspect.ts';
import { changedDefinition, migrate, migrations, versionOf } from '../../../src/stores/sqlite/schema.ts';
import { programCommand } from '../../support/program.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { storedTalk } from './support/stored-talk.ts';

const latest = migrations.length;
const [colour, mood] = [
  'ALTER TABLE rooms ADD COLUMN colour TEXT; UPDATE rooms SET colour = name;',
  'ALTER TABLE rooms ADD COLUMN mood TEXT; UPDATE rooms SET mood = colour;',
];
const interrupted = programCommand('test/stores/sqlite/support/interrupted-migration.ts');

function opened(t: TestContext, path: string): Database {
  const database = new SqliteDatabase(path);
  t.after(() => database.close());
  return database;
}

function columnsOf(database: Database): string[] {
  return database.prepare<[], string>(`SELECT name FROM pragma_table_info('rooms')`).pluck().all();
}

/** Runs a process that is killed in the middle of a step. */
async function kill(path: string, step: 'first' | 'next'): Promise<void> {
  const [node = '', ...args] = [...interrupted, path, step];
  const child = spawn(node, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
}

describe('the migration of a database', () => {
  it('takes an old file step by step to the latest version, and keeps what is in it', async (t) => {
    const path = join(temporaryFolder(t), 'parlor.db');
    await storedTalk(path);
    const database = opened(t, path);
    const events = database.prepare('SELECT * FROM events').all();
    assert.equal(versionOf(database), latest);
    migrate(database, [...migrations, colour]);
    assert.equal(versionOf(database), latest + 1);
    migrate(database, [...migrations, colour, mood]);
    assert.equal(versionOf(database), latest + 2);
    assert.deepEqual(database.prepare('SELECT mood FROM rooms ORDER BY id').pluck().all(), [
      'lobby',
      'attic',
    ]);
    assert.deepEqual(database.prepare('SELECT * FROM events').all(), events);
  });

  it('makes of a new file what the steps make of an old one', (t) => {
    const [fresh, old] = [opened(t, ':memory:'), opened(t, ':memory:')];
    migrate(fresh);
    for (let steps = 1; steps <= latest; steps++) migrate(old, migrations.slice(0, steps));
    assert.equal(changedDefinition(fresh), undefined);
    assert.equal(changedDefinition(old), undefined);
    assert.deepEqual(inspect(old), []);
  });

  it('does nothing to a file of the latest version', async (t) => {
    const database = opened(t, ':memory:');
    migrate(database);
    const changes = database.prepare('SELECT total_changes()').pluck();
    const before = changes.get();
    migrate(database);
    assert.equal(changes.get(), before);
  });

  it('takes back a step that fails, all of it, and only that one', async (t) => {
    const path = join(temporaryFolder(t), 'parlor.db');
    await storedTalk(path);
    const database = opened(t, path);
    const broken = `${mood} DELETE FROM events; INSERT INTO nowhere VALUES (1);`;
    assert.throws(() => migrate(database, [...migrations, colour, broken]), /no such table: nowhere/);
    assert.equal(versionOf(database), latest + 1);
    assert.ok(columnsOf(database).includes('colour') && !columnsOf(database).includes('mood'));
    assert.equal(database.prepare('SELECT count(*) FROM events').pluck().get(), 9);
    migrate(database, [...migrations, colour, mood]);
    assert.equal(versionOf(database), latest + 2);
  });

  it('takes back a step in the middle of which the process was killed', async (t) => {
    const path = join(temporaryFolder(t), 'parlor.db');
    await storedTalk(path);
    await kill(path, 'next');
    const { database, rooms, close } = openDatabase(path, 'full');
    assert.equal(versionOf(database), latest);
    assert.ok(!columnsOf(database).includes('colour'));
    assert.deepEqual(
      rooms.map(({ row, headId }) => [row.name, headId]),
      [
        ['lobby', 8],
        ['attic', 1],
      ],
    );
    close();
  });

  it('makes a file anew in the making of which the process was killed', async (t) => {
    const path = join(temporaryFolder(t), 'parlor.db');
    await kill(path, 'first');
    assert.ok(existsSync(`${path}-journal`) && statSync(path).size > 0, 'nothing was left half made');
    const { database, rooms, close } = openDatabase(path, 'full');
    assert.equal(versionOf(database), latest);
    assert.deepEqual(rooms, []);
    assert.equal(changedDefinition(database), undefined);
    close();
    assert.ok(!existsSync(`${path}-journal`));
  });
});

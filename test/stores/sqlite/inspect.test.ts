import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { Damage, inspect } from '../../../src/stores/sqlite/inspect.ts';
import { sumOfEvent } from '../../../src/stores/sqlite/tables.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { storedTalk } from './support/stored-talk.ts';

/** A database with a talk in it, which no server has open. */
async function talk(t: TestContext): Promise<Database> {
  const path = join(temporaryFolder(t), 'parlor.db');
  await storedTalk(path);
  const database = new SqliteDatabase(path);
  t.after(() => database.close());
  return database;
}

/** As a fault of the disk does it: no trigger notices. */
function behindItsBack(database: Database, sql: string): void {
  const triggers = database
    .prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
    .all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
  assert.ok(database.prepare(sql).run().changes > 0, 'nothing was changed');
  for (const trigger of triggers) database.exec(trigger.sql);
}

function damageOf(database: Database): string {
  try {
    inspect(database);
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  }
  return 'none';
}

describe('the inspection of a database', () => {
  it('finds what the store has written as it was written', async (t) => {
    const database = await talk(t);
    const rooms = inspect(database);
    assert.deepEqual(
      rooms.map(({ row, headId, sessions }) => [row.name, headId, sessions.length]),
      [
        ['lobby', 8, 2],
        ['attic', 1, 1],
      ],
    );
  });

  const changes: readonly (readonly [what: string, sql: string, found: RegExp])[] = [
    ['a room', `UPDATE rooms SET name = 'lobbx' WHERE name = 'lobby'`, /^room 1 is not as it was written$/],
    [
      'an event',
      `UPDATE events SET json = replace(json, 'hello', 'hellp')`,
      /^event \d of room lobby is not as/,
    ],
    [
      'when it happened',
      'UPDATE events SET timestamp = timestamp + 1 WHERE id = 3',
      /^event 3 of room lobby is/,
    ],
    [
      'a session',
      `UPDATE sessions SET record = replace(record, 'Bob', 'Rob')`,
      /^a session is not as it was/,
    ],
    ['an answer', 'UPDATE answers SET id = id + 1', /^the answer to a key is not as it was written$/],
  ];
  for (const [what, sql, found] of changes) {
    it(`notices that ${what} is another`, async (t) => {
      const database = await talk(t);
      behindItsBack(database, sql);
      assert.match(damageOf(database), found);
    });
  }

  const losses: readonly (readonly [what: string, sql: string, found: RegExp])[] = [
    ['a room with events', 'DELETE FROM rooms WHERE id = 1', /^room 1 is missing$/],
    ['an event', 'DELETE FROM events WHERE room = 1 AND id = 3', /^event 3 of room lobby is missing$/],
    [
      'the last event of a room',
      'DELETE FROM events WHERE room = 1 AND id = 8',
      /^its rows are not of one moment/,
    ],
    ['all events of a room', 'DELETE FROM events WHERE room = 2', /^its rows are not of one moment/],
    ['a session', `DELETE FROM sessions WHERE record LIKE '%Bob%'`, /^its rows are not of one moment/],
    [
      'an answer',
      'DELETE FROM answers WHERE key = (SELECT min(key) FROM answers)',
      /^its rows are not of one moment/,
    ],
    ['the tally', 'DELETE FROM tally', /^its rows are not of one moment/],
    ['the seal', 'DELETE FROM seal', /^its rows are not of one moment/],
  ];
  for (const [what, sql, found] of losses) {
    it(`notices that ${what} has vanished`, async (t) => {
      const database = await talk(t);
      behindItsBack(database, sql);
      assert.match(damageOf(database), found);
    });
  }

  it('notices that a trigger has come to do something else', async (t) => {
    const database = await talk(t);
    const sql = `SELECT sql FROM sqlite_schema WHERE name = 'event_added'`;
    const trigger = database.prepare<[], string>(sql).pluck().get() ?? '';
    database.exec('DROP TRIGGER event_added');
    database.exec(trigger.replace('+', '-'));
    assert.equal(damageOf(database), 'the definition of trigger event_added is not as it was written');
  });

  it('does not mind what others have added', async (t) => {
    const database = await talk(t);
    database.exec('ANALYZE; CREATE VIEW members AS SELECT record FROM sessions');
    assert.equal(damageOf(database), 'none');
  });

  it('notices a row of another file, though the row itself is as it was written', async (t) => {
    const database = await talk(t);
    const json = '{"id":9,"type":"leave","timestamp":1,"name":"Bob"}';
    behindItsBack(database, `INSERT INTO events VALUES (1, 9, 1, '${json}', ${sumOfEvent(1, 9, 1, json)})`);
    assert.match(damageOf(database), /^its rows are not of one moment/);
  });

  it('notices that all is another file’s but the seal', async (t) => {
    const [one, other] = [await talk(t), await talk(t)];
    one.prepare('UPDATE seal SET number = ?').run(other.prepare('SELECT number FROM seal').pluck().get());
    assert.match(damageOf(one), /^its rows are not of one moment/);
  });

  it('reads all of it as of one moment, while somebody writes', async (t) => {
    const database = await talk(t);
    const writer = new SqliteDatabase(database.name);
    t.after(() => writer.close());
    // The sums of the rows are read one after the other: this one is written in the middle of it.
    let isWritten = false;
    database.function('in_between', () => {
      if (!isWritten) writer.exec(`DELETE FROM answers`);
      isWritten = true;
      return 1;
    });
    database.exec('CREATE TEMP VIEW events AS SELECT * FROM main.events WHERE in_between()');
    assert.equal(damageOf(database), 'none');
    assert.ok(isWritten);
    assert.equal(damageOf(database), 'none');
  });
});

/**
 * The schema of a database file, and how older ones become it.
 *
 * - `meta`: what holds for the whole file.
 * - `rooms`: `base_id` is the last id no longer kept, `last_timestamp` the latest of those that were dropped.
 * - `events`: as many as are kept, contiguous from `base_id + 1` on [LOG-1]; `json` is what goes over the wire [LOG-6].
 * - `sessions`: `record` is a `SessionRecord` as JSON; who is joined there is the roster at the head of the log.
 * - `answers`: to the latest keys of each session.
 * - `restrictions`: bans and closed rooms; `json` is a `Restriction`.
 * - `seal`: a number of this file's own, written once and never again.
 * - `tally`: the seal and the sums of all rows, added up; triggers keep it with every row that comes or goes.
 *
 * Every row of rooms, events, sessions, answers and restrictions carries a `sum`, the CRC-32 of what stands in it: SQLite itself does
 * not notice a flipped bit there. The tally tells of rows that are gone, and of pages that are of different times or
 * files: a write-ahead log that is not the file's own has another file's tally, and never the seal. Rows are inserted,
 * replaced and deleted; no trigger follows an UPDATE.
 */

import SqliteDatabase, { type Database } from 'better-sqlite3';

/** What SQLite's header calls the application that a file belongs to: "Prlr". */
export const applicationId = 0x50726c72;

/** Step `i` leads from version `i` to `i + 1`. A step that was released is never changed. */
export const migrations: readonly string[] = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE rooms (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL, epoch TEXT NOT NULL, base_id INTEGER NOT NULL,
     last_timestamp INTEGER NOT NULL, sum INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE events (
     room INTEGER NOT NULL, id INTEGER NOT NULL, timestamp INTEGER NOT NULL, json TEXT NOT NULL,
     sum INTEGER NOT NULL, PRIMARY KEY (room, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE sessions (
     room INTEGER NOT NULL, session_id TEXT NOT NULL, record TEXT NOT NULL, sum INTEGER NOT NULL,
     PRIMARY KEY (room, session_id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE answers (
     session_id TEXT NOT NULL, key TEXT NOT NULL, text_hash TEXT NOT NULL, id INTEGER NOT NULL,
     timestamp INTEGER NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (session_id, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE seal (number INTEGER NOT NULL) STRICT;
   INSERT INTO seal VALUES (random() & 0xffffffff);
   CREATE TABLE tally (sum INTEGER NOT NULL) STRICT;
   INSERT INTO tally SELECT number FROM seal;
   CREATE TRIGGER room_added AFTER INSERT ON rooms
     BEGIN UPDATE tally SET sum = (sum + new.sum) & 0xffffffff; END;
   CREATE TRIGGER room_dropped AFTER DELETE ON rooms
     BEGIN UPDATE tally SET sum = (sum - old.sum) & 0xffffffff; END;
   CREATE TRIGGER room_replaced BEFORE INSERT ON rooms
     BEGIN DELETE FROM rooms WHERE id = new.id; END;
   CREATE TRIGGER event_added AFTER INSERT ON events
     BEGIN UPDATE tally SET sum = (sum + new.sum) & 0xffffffff; END;
   CREATE TRIGGER event_dropped AFTER DELETE ON events
     BEGIN UPDATE tally SET sum = (sum - old.sum) & 0xffffffff; END;
   CREATE TRIGGER session_added AFTER INSERT ON sessions
     BEGIN UPDATE tally SET sum = (sum + new.sum) & 0xffffffff; END;
   CREATE TRIGGER session_dropped AFTER DELETE ON sessions
     BEGIN UPDATE tally SET sum = (sum - old.sum) & 0xffffffff; END;
   CREATE TRIGGER session_replaced BEFORE INSERT ON sessions
     BEGIN DELETE FROM sessions WHERE room = new.room AND session_id = new.session_id; END;
   CREATE TRIGGER answer_added AFTER INSERT ON answers
     BEGIN UPDATE tally SET sum = (sum + new.sum) & 0xffffffff; END;
   CREATE TRIGGER answer_dropped AFTER DELETE ON answers
     BEGIN UPDATE tally SET sum = (sum - old.sum) & 0xffffffff; END;
   PRAGMA application_id = ${applicationId};`,
  `CREATE TABLE restrictions (
     id TEXT PRIMARY KEY, json TEXT NOT NULL, sum INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER restriction_added AFTER INSERT ON restrictions
     BEGIN UPDATE tally SET sum = (sum + new.sum) & 0xffffffff; END;
   CREATE TRIGGER restriction_dropped AFTER DELETE ON restrictions
     BEGIN UPDATE tally SET sum = (sum - old.sum) & 0xffffffff; END;
   CREATE TRIGGER restriction_replaced BEFORE INSERT ON restrictions
     BEGIN DELETE FROM restrictions WHERE id = new.id; END;`,
];

/** The version of a file: how many steps it has gone. */
export function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/** Brings a file up to the latest version, each step as one transaction. */
export function migrate(database: Database, steps = migrations): void {
  for (let version = versionOf(database); version < steps.length; version++) {
    const step = steps[version] ?? '';
    database.transaction(() => {
      database.exec(step);
      database.pragma(`user_version = ${version + 1}`);
    })();
  }
}

/**
 * What is not defined in a file of the latest version as the steps define it; undefined if all is. What others have
 * added, such as SQLite's own statistics, is no matter.
 */
export function changedDefinition(database: Database): string | undefined {
  const found = new Map(definitionsOf(database));
  const fresh = new SqliteDatabase(':memory:');
  try {
    migrate(fresh);
    return definitionsOf(fresh).find(([name, sql]) => found.get(name) !== sql)?.[0];
  } finally {
    fresh.close();
  }
}

function definitionsOf(database: Database): (readonly [name: string, sql: string | null])[] {
  return database
    .prepare<[], readonly [string, string | null]>(`SELECT type || ' ' || name, sql FROM sqlite_schema`)
    .raw()
    .all();
}

/**
 * The schema of a database file, and how older ones become it.
 *
 * - `meta`: what holds for the whole file.
 * - `rooms`: `base_id` is the last id no longer kept, `last_timestamp` the latest of those that were dropped.
 * - `events`: as many as are kept, contiguous from `base_id + 1` on [LOG-1]; `json` is what goes over the wire [LOG-6].
 * - `sessions`: `record` is a `SessionRecord` as JSON; who is joined there is the roster at the head of the log.
 * - `answers`: to the latest keys of each session.
 *
 * Every row carries a `sum`, the CRC-32 of what stands in it: SQLite itself does not notice a flipped bit there.
 */

import type { Database } from 'better-sqlite3';

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
   PRAGMA application_id = ${applicationId};`,
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

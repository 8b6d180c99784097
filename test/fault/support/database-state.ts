/** What stands in a database file, as one short text: equal texts, equal contents. */

import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';

const tables = [
  // Epochs apart: they may be renewed where the rest is as it was.
  'SELECT id, name, base_id, last_timestamp FROM rooms ORDER BY id',
  'SELECT room, id, timestamp, json FROM events ORDER BY room, id',
  // Positions stand in the epoch they were kept in.
  'SELECT room, session_id, record FROM sessions ORDER BY room, session_id',
  'SELECT session_id, key, text_hash, id, timestamp FROM answers ORDER BY session_id, key',
];

/** Of everything but the epochs of rooms, as of one moment. */
export function stateOf(database: Database): string {
  const hash = createHash('sha256');
  database.transaction(() => {
    for (const sql of tables) {
      for (const row of database.prepare<[], unknown[]>(sql).raw().iterate())
        hash.update(JSON.stringify(row));
      hash.update('\n');
    }
  })();
  return hash.digest('base64url');
}

/** The epochs of the rooms, in the order of their numbers. */
export function epochsOf(database: Database): string {
  return database.prepare<[], string>('SELECT epoch FROM rooms ORDER BY id').pluck().all().join(' ');
}

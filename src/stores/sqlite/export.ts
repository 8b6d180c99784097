/** Reads the events of one room out of a database file, also while a server writes it. */

import type { Database } from 'better-sqlite3';
import { codeOf } from '../../core/errors.ts';
import { StoreRefusal } from '../store-refusal.ts';
import { openForReading } from './database.ts';
import { explained } from './explained.ts';
import { Damage } from './inspect.ts';
import { sumOfEvent } from './tables.ts';

type EventLine = readonly [id: number, timestamp: number, json: string, sum: number];

// Of so many rooms the names are told to who asks for another one.
const maxTold = 20;

/**
 * The events that a room keeps at this moment, in order, each as the JSON that goes over the wire [LOG-6].
 *
 * They are copied aside first, into a temporary file if there are many of them: whoever takes them slowly would
 * otherwise keep the server from writing its write-ahead log back into the file.
 *
 * @throws StoreRefusal at the first event if there is no such room, and at one that is not as it was written
 */
export function* exportRoom(path: string, room: string): Generator<string, void, undefined> {
  const database = openForReading(path);
  try {
    const id = explained(path, 'reading', () => setAside(database, path, room));
    yield* readAside(database, path, room, id);
  } finally {
    database.close();
  }
}

/** Puts the events of a room into a table of this connection, all as of one moment; answers the room's id. */
function setAside(database: Database, path: string, room: string): number {
  database.pragma('temp_store = FILE');
  database.exec('CREATE TEMP TABLE aside (id INTEGER PRIMARY KEY, timestamp, json, sum)');
  return database.transaction(() => {
    const id = database.prepare<[string], number>('SELECT id FROM rooms WHERE name = ?').pluck().get(room);
    if (id === undefined) throw new StoreRefusal(`${path} has no room ${room}; ${namesIn(database)}.`);
    try {
      database
        .prepare('INSERT INTO aside SELECT id, timestamp, json, sum FROM events WHERE room = ? ORDER BY id')
        .run(id);
    } catch (error) {
      if (codeOf(error) !== 'SQLITE_FULL') throw error;
      throw new StoreRefusal(
        `There is no room for the events of ${room} where temporary files are; SQLITE_TMPDIR may name another folder.`,
      );
    }
    return id;
  })();
}

function* readAside(database: Database, path: string, room: string, roomId: number): Generator<string> {
  const lines = database
    .prepare<[], EventLine>('SELECT id, timestamp, json, sum FROM aside ORDER BY id')
    .raw();
  let before: number | undefined;
  for (const [id, timestamp, json, sum] of lines.iterate()) {
    explained(path, 'reading', () => {
      if (before !== undefined && id !== before + 1) {
        throw new Damage(`event ${before + 1} of room ${room} is missing`);
      }
      if (sumOfEvent(roomId, id, timestamp, json) !== sum) {
        throw new Damage(`event ${id} of room ${room} is not as it was written`);
      }
    });
    before = id;
    yield json;
  }
}

function namesIn(database: Database): string {
  const names = database
    .prepare<[number], string>('SELECT name FROM rooms ORDER BY name LIMIT ?')
    .pluck()
    .all(maxTold + 1);
  if (names.length === 0) return 'it has none yet';
  return `it has ${names.slice(0, maxTold).join(', ')}${names.length > maxTold ? ' and others' : ''}`;
}

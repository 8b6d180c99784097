/**
 * Reads a whole database file, and refuses it if anything in it is not as it was written: SQLite's own check
 * of the file's structure, the definitions of the tables, then the sum of every row, that the events of each room are
 * contiguous, and that all the rows together are those of one commit of this file.
 */

import type { Database } from 'better-sqlite3';
import type { SessionRecord } from '../../core/store.ts';
import { changedDefinition } from './schema.ts';
import {
  type AnswerRow,
  type RoomRow,
  sumOfAnswer,
  sumOfEvent,
  sumOfRestriction,
  sumOfRoom,
  sumOfSession,
} from './tables.ts';

/** A room as it was found. */
export interface FoundRoom {
  readonly row: RoomRow;
  headId: number;
  lastTimestamp: number;
  /** Of the events kept. */
  bytes: number;
  readonly sessions: SessionRecord[];
}

/** What of a file is not as it was written. */
export class Damage extends Error {
  override readonly name = 'Damage';
}

type EventLine = readonly [room: number, id: number, timestamp: number, json: string, sum: number];

/** @throws Damage, or what SQLite throws at a file that it cannot read */
export function checkStructure(database: Database): void {
  const found = String(database.pragma('quick_check(1)', { simple: true }));
  if (found !== 'ok') throw new Damage(found.replaceAll(/\s+/g, ' '));
}

/**
 * The rooms of a file of the latest version, as of one moment.
 * @throws Damage, or what SQLite throws at a file that it cannot read
 */
export function inspect(database: Database): FoundRoom[] {
  return database.transaction(() => readAll(database))();
}

function readAll(database: Database): FoundRoom[] {
  const changed = changedDefinition(database);
  if (changed !== undefined) throw new Damage(`the definition of ${changed} is not as it was written`);
  const tally = new Tally(database);
  const rooms = inspectRooms(database, tally);
  const roomOf = (id: number): FoundRoom => {
    const room = rooms.get(id);
    if (!room) throw new Damage(`room ${id} is missing`);
    return room;
  };
  inspectEvents(database, roomOf, tally);
  inspectSessions(database, roomOf, tally);
  inspectAnswers(database, tally);
  inspectRestrictions(database, tally);
  tally.check();
  return [...rooms.values()];
}

/** Adds up the sums of the rows that were read; see the schema. */
class Tally {
  readonly #expected: number | undefined;
  #sum: number;

  constructor(database: Database) {
    const { expected, seal } =
      database
        .prepare<[], { expected: number; seal: number }>(
          'SELECT tally.sum AS expected, seal.number AS seal FROM tally, seal',
        )
        .get() ?? {};
    this.#expected = expected;
    this.#sum = seal ?? 0;
  }

  add(sum: number): void {
    this.#sum = (this.#sum + sum) >>> 0;
  }

  check(): void {
    if (this.#sum === this.#expected) return;
    throw new Damage('its rows are not of one moment: some are missing, or come from another file');
  }
}

function inspectRooms(database: Database, tally: Tally): Map<number, FoundRoom> {
  const rooms = new Map<number, FoundRoom>();
  for (const row of database.prepare<[], RoomRow & { sum: number }>('SELECT * FROM rooms').iterate()) {
    if (sumOfRoom(row) !== row.sum) throw new Damage(`room ${row.id} is not as it was written`);
    tally.add(row.sum);
    rooms.set(row.id, {
      row,
      headId: row.base_id,
      lastTimestamp: row.last_timestamp,
      bytes: 0,
      sessions: [],
    });
  }
  return rooms;
}

function inspectEvents(database: Database, roomOf: (id: number) => FoundRoom, tally: Tally): void {
  const lines = database
    .prepare<[], EventLine>('SELECT room, id, timestamp, json, sum FROM events ORDER BY room, id')
    .raw();
  let room: FoundRoom | undefined;
  for (const [roomId, id, timestamp, json, sum] of lines.iterate()) {
    if (room?.row.id !== roomId) room = roomOf(roomId);
    if (id !== room.headId + 1) {
      throw new Damage(`event ${room.headId + 1} of room ${room.row.name} is missing`);
    }
    if (sumOfEvent(roomId, id, timestamp, json) !== sum) {
      throw new Damage(`event ${id} of room ${room.row.name} is not as it was written`);
    }
    tally.add(sum);
    room.headId = id;
    room.lastTimestamp = timestamp;
    room.bytes += Buffer.byteLength(json);
  }
}

function inspectSessions(database: Database, roomOf: (id: number) => FoundRoom, tally: Tally): void {
  const lines = database
    .prepare<[], readonly [number, string, string, number]>(
      'SELECT room, session_id, record, sum FROM sessions',
    )
    .raw();
  for (const [roomId, sessionId, record, sum] of lines.iterate()) {
    if (sumOfSession(roomId, sessionId, record) !== sum)
      throw new Damage('a session is not as it was written');
    tally.add(sum);
    roomOf(roomId).sessions.push(JSON.parse(record));
  }
}

function inspectAnswers(database: Database, tally: Tally): void {
  for (const row of database.prepare<[], AnswerRow & { sum: number }>('SELECT * FROM answers').iterate()) {
    if (sumOfAnswer(row) !== row.sum) throw new Damage('the answer to a key is not as it was written');
    tally.add(row.sum);
  }
}

function inspectRestrictions(database: Database, tally: Tally): void {
  const lines = database
    .prepare<[], readonly [string, string, number]>('SELECT id, json, sum FROM restrictions')
    .raw();
  for (const [id, json, sum] of lines.iterate()) {
    if (sumOfRestriction(id, json) !== sum)
      throw new Damage('a ban or a closed room is not as it was written');
    tally.add(sum);
  }
}

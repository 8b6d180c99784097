/** The tables of a database file as prepared statements, and the sums of their rows. */

import { crc32 } from 'node:zlib';
import type { Database, Statement } from 'better-sqlite3';
import type { EncodedEvent } from '../../core/events.ts';
import type { Restriction } from '../../core/restriction.ts';
import { keysPerSession, type LogPlace, type SessionRecord } from '../../core/store.ts';
import type { KeyAnswer } from '../room-ledger.ts';

export interface RoomRow {
  readonly id: number;
  readonly name: string;
  readonly epoch: string;
  readonly base_id: number;
  readonly last_timestamp: number;
}

export interface AnswerRow {
  readonly session_id: string;
  readonly key: string;
  readonly text_hash: string;
  readonly id: number;
  readonly timestamp: number;
}

export function sumOfRoom({ id, name, epoch, base_id, last_timestamp }: RoomRow): number {
  return crc32(`${id} ${name} ${epoch} ${base_id} ${last_timestamp}`);
}

export function sumOfEvent(room: number, id: number, timestamp: number, json: string): number {
  return crc32(json, crc32(`${room} ${id} ${timestamp} `));
}

export function sumOfSession(room: number, sessionId: string, record: string): number {
  return crc32(record, crc32(`${room} ${sessionId} `));
}

export function sumOfAnswer({ session_id, key, text_hash, id, timestamp }: AnswerRow): number {
  return crc32(`${session_id} ${key} ${text_hash} ${id} ${timestamp}`);
}

export function sumOfRestriction(id: string, json: string): number {
  return crc32(json, crc32(`${id} `));
}

export class Tables {
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;
  readonly #meta: Statement<[string], string>;
  readonly #setMeta: Statement<[string, string]>;
  readonly #putRoom: Statement<[number, string, string, number, number, number]>;
  readonly #dropRoom: Statement<[number]>;
  readonly #putEvent: Statement<[number, number, number, string, number]>;
  readonly #event: Statement<[number, number], string>;
  readonly #redaction: Statement<[number, number, string], LogPlace>;
  readonly #dropEvent: Statement<[number, number]>;
  readonly #events: Statement<[number, number], string>;
  readonly #sizes: Statement<[number, number, number], readonly [number, number, number]>;
  readonly #sizesBack: Statement<[number], readonly [number, number]>;
  readonly #firstSince: Statement<[number, number], number>;
  readonly #dropEvents: Statement<[number, number]>;
  readonly #putSession: Statement<[number, string, string, number]>;
  readonly #sessions: Statement<[number], string>;
  readonly #dropSession: Statement<[number, string]>;
  readonly #findAnswer: Statement<[string, string], AnswerRow>;
  readonly #putAnswer: Statement<[string, string, string, number, number, number]>;
  readonly #countAnswers: Statement<[string], number>;
  readonly #dropAnswer: Statement<[string, string]>;
  readonly #dropOldestAnswer: Statement<[string, string]>;
  readonly #dropAnswers: Statement<[string]>;
  readonly #putRestriction: Statement<[string, string, number]>;
  readonly #dropRestriction: Statement<[string]>;
  readonly #restrictions: Statement<[], string>;
  readonly #database: Database;

  constructor(database: Database) {
    const prepare = <P extends unknown[], R = unknown>(sql: string) => database.prepare<P, R>(sql);
    this.#database = database;
    this.#begin = prepare('BEGIN IMMEDIATE');
    this.#commit = prepare('COMMIT');
    this.#rollback = prepare('ROLLBACK');
    this.#meta = prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck();
    this.#setMeta = prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
    this.#putRoom = prepare('INSERT OR REPLACE INTO rooms VALUES (?, ?, ?, ?, ?, ?)');
    this.#dropRoom = prepare('DELETE FROM rooms WHERE id = ?');
    this.#putEvent = prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)');
    this.#event = prepare<[number, number], string>(
      'SELECT json FROM events WHERE room = ? AND id = ?',
    ).pluck();
    // As `encodeEvent` writes it. No text can stand for it: the quotes in one are escaped.
    this.#redaction = prepare<[number, number, string], LogPlace>(
      `SELECT id, timestamp FROM events WHERE room = ? AND id > ?
       AND json = '{"id":' || id || ',"type":"redaction","timestamp":' || timestamp || ',"target":' || ? || '}'`,
    );
    this.#dropEvent = prepare('DELETE FROM events WHERE room = ? AND id = ?');
    this.#events = prepare<[number, number], string>(
      'SELECT json FROM events WHERE room = ? AND id > ? ORDER BY id',
    ).pluck();
    this.#sizes = prepare<[number, number, number], readonly [number, number, number]>(
      'SELECT id, timestamp, octet_length(json) FROM events WHERE room = ? AND id > ? ORDER BY id LIMIT ?',
    ).raw();
    this.#sizesBack = prepare<[number], readonly [number, number]>(
      'SELECT id, octet_length(json) FROM events WHERE room = ? ORDER BY id DESC',
    ).raw();
    this.#firstSince = prepare<[number, number], number>(
      'SELECT id FROM events WHERE room = ? AND timestamp >= ? ORDER BY id LIMIT 1',
    ).pluck();
    this.#dropEvents = prepare('DELETE FROM events WHERE room = ? AND id <= ?');
    this.#putSession = prepare('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)');
    this.#sessions = prepare<[number], string>('SELECT record FROM sessions WHERE room = ?').pluck();
    this.#dropSession = prepare('DELETE FROM sessions WHERE room = ? AND session_id = ?');
    this.#findAnswer = prepare('SELECT * FROM answers WHERE session_id = ? AND key = ?');
    this.#putAnswer = prepare('INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)');
    this.#countAnswers = prepare<[string], number>(
      'SELECT count(*) FROM answers WHERE session_id = ?',
    ).pluck();
    this.#dropAnswer = prepare('DELETE FROM answers WHERE session_id = ? AND key = ?');
    this.#dropOldestAnswer = prepare(
      'DELETE FROM answers WHERE session_id = ? AND id = (SELECT min(id) FROM answers WHERE session_id = ?)',
    );
    this.#dropAnswers = prepare('DELETE FROM answers WHERE session_id = ?');
    this.#putRestriction = prepare('INSERT OR REPLACE INTO restrictions VALUES (?, ?, ?)');
    this.#dropRestriction = prepare('DELETE FROM restrictions WHERE id = ?');
    this.#restrictions = prepare<[], string>('SELECT json FROM restrictions').pluck();
  }

  /** Begins a transaction unless one is under way. */
  begin(): void {
    if (!this.#database.inTransaction) this.#begin.run();
  }

  /** Ends the transaction if there is one; false if there is none. */
  commit(): boolean {
    if (!this.#database.inTransaction) return false;
    this.#commit.run();
    return true;
  }

  /** Takes back what is not committed; SQLite may have done so by itself. */
  rollback(): void {
    if (this.#database.inTransaction) this.#rollback.run();
  }

  meta(name: string): string | undefined {
    return this.#meta.get(name);
  }

  setMeta(name: string, value: string): void {
    this.begin();
    this.#setMeta.run(name, value);
  }

  putRoom(row: RoomRow): void {
    this.begin();
    this.#putRoom.run(row.id, row.name, row.epoch, row.base_id, row.last_timestamp, sumOfRoom(row));
  }

  dropRoom(room: number): void {
    this.begin();
    this.#dropRoom.run(room);
  }

  putEvent(room: number, { event: { id, timestamp }, json }: EncodedEvent): void {
    this.begin();
    this.#putEvent.run(room, id, timestamp, json, sumOfEvent(room, id, timestamp, json));
  }

  /** An event as JSON. */
  event(room: number, id: number): string | undefined {
    return this.#event.get(room, id);
  }

  findRedaction(room: number, target: number): LogPlace | undefined {
    return this.#redaction.get(room, target, String(target));
  }

  /** Puts an event in the place of the one that has its id. */
  replaceEvent(room: number, event: EncodedEvent): void {
    this.begin();
    this.#dropEvent.run(room, event.event.id);
    this.putEvent(room, event);
  }

  /** The events after an id, each as JSON. */
  events(room: number, after: number): IterableIterator<string> {
    return this.#events.iterate(room, after);
  }

  /** `id`, `timestamp` and bytes of the events after an id. */
  sizes(room: number, after: number, limit: number): (readonly [number, number, number])[] {
    return this.#sizes.all(room, after, limit);
  }

  /** The first event of which it and everything after it have at most `bytes`; 0 if that is all. */
  firstWithin(room: number, bytes: number): number {
    let rest = bytes;
    for (const [id, size] of this.#sizesBack.iterate(room)) {
      rest -= size;
      if (rest < 0) return id + 1;
    }
    return 0;
  }

  /** The first event that is not older; undefined if all are. */
  firstSince(room: number, timestamp: number): number | undefined {
    return this.#firstSince.get(room, timestamp);
  }

  /** Drops the events up to and with an id. */
  dropEvents(room: number, upTo: number): void {
    this.begin();
    this.#dropEvents.run(room, upTo);
  }

  putSession(room: number, record: SessionRecord): void {
    this.begin();
    const json = JSON.stringify(record);
    this.#putSession.run(room, record.sessionId, json, sumOfSession(room, record.sessionId, json));
  }

  /** The sessions of a room, as JSON. */
  sessions(room: number): string[] {
    return this.#sessions.all(room);
  }

  dropSession(room: number, sessionId: string): void {
    this.begin();
    this.#dropSession.run(room, sessionId);
    this.#dropAnswers.run(sessionId);
  }

  findKey(sessionId: string, key: string): KeyAnswer | undefined {
    const row = this.#findAnswer.get(sessionId, key);
    return row && { textHash: row.text_hash, id: row.id, timestamp: row.timestamp };
  }

  putKey(sessionId: string, key: string, answer: KeyAnswer): void {
    this.#insertKey(sessionId, key, answer);
    if ((this.#countAnswers.get(sessionId) ?? 0) > keysPerSession) {
      this.#dropOldestAnswer.run(sessionId, sessionId);
    }
  }

  replaceKey(sessionId: string, key: string, answer: KeyAnswer): void {
    this.begin();
    this.#dropAnswer.run(sessionId, key);
    this.#insertKey(sessionId, key, answer);
  }

  #insertKey(sessionId: string, key: string, { textHash, id, timestamp }: KeyAnswer): void {
    this.begin();
    const row = { session_id: sessionId, key, text_hash: textHash, id, timestamp };
    this.#putAnswer.run(sessionId, key, textHash, id, timestamp, sumOfAnswer(row));
  }

  putRestriction(restriction: Restriction): void {
    this.begin();
    const json = JSON.stringify(restriction);
    this.#putRestriction.run(restriction.id, json, sumOfRestriction(restriction.id, json));
  }

  dropRestriction(id: string): void {
    this.begin();
    this.#dropRestriction.run(id);
  }

  restrictions(): Restriction[] {
    return this.#restrictions.all().map((json) => JSON.parse(json));
  }
}

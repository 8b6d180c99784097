/**
 * The rooms of a database file, as the transaction under way has made them.
 *
 * - Whoever is handed out is concerned: told of the commit, or read again from the file if there is none.
 * - `commit` or `rollback` is called once at the end of each transaction, and nothing of it is left here then.
 */

import type { Time } from '../../core/clock.ts';
import { newEpoch } from '../new-epoch.ts';
import type { FoundRoom } from './inspect.ts';
import type { PublishedChanges } from './protocol.ts';
import { SqliteRoom } from './sqlite-room.ts';
import type { Tables } from './tables.ts';

export class SqliteRooms {
  readonly #tables: Tables;
  readonly #time: Time;
  // In the order of being loaded. Bounded by `maxRooms` and the rooms in use.
  readonly #rooms = new Map<string, SqliteRoom>();
  /** The rooms that this transaction has looked at. */
  readonly #concerned = new Set<SqliteRoom>();
  // What this transaction has added to `#rooms` and taken out of it.
  readonly #created = new Set<SqliteRoom>();
  readonly #forgotten = new Set<SqliteRoom>();
  #nextId = 1;

  constructor(found: Iterable<FoundRoom>, tables: Tables, time: Time) {
    this.#tables = tables;
    this.#time = time;
    for (const each of found) {
      const room = new SqliteRoom(each, tables, time);
      this.#rooms.set(room.name, room);
      this.#nextId = Math.max(this.#nextId, room.id + 1);
    }
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** For looking at: none of them is concerned by it. The one that was loaded longest ago comes first. */
  all(): Iterable<SqliteRoom> {
    return this.#rooms.values();
  }

  find(name: string): SqliteRoom | undefined {
    const room = this.#rooms.get(name);
    if (room) this.concern(room);
    return room;
  }

  /** Where there is none it comes into being. */
  open(name: string): SqliteRoom {
    const known = this.find(name);
    if (known) return known;
    const row = { id: this.#nextId, name, epoch: newEpoch(), base_id: 0, last_timestamp: 0 };
    this.#tables.putRoom(row);
    this.#nextId += 1;
    const found = { row, headId: 0, lastTimestamp: 0, bytes: 0, sessions: [] };
    const room = new SqliteRoom(found, this.#tables, this.#time);
    this.#rooms.set(name, room);
    this.#created.add(room);
    this.#concerned.add(room);
    return room;
  }

  /** The same, now the one that was loaded last. */
  load(name: string): SqliteRoom {
    const room = this.open(name);
    this.#rooms.delete(name);
    this.#rooms.set(name, room);
    return room;
  }

  /** Nobody asks for it twice: it takes effect once, whatever becomes of the transaction. */
  unload(name: string): void {
    const room = this.#rooms.get(name);
    if (room) room.listeners -= 1;
  }

  /** One of them is going to be changed. */
  concern(room: SqliteRoom): void {
    room.recover();
    this.#concerned.add(room);
  }

  /** Takes a room away, of which nothing is left. */
  drop(room: SqliteRoom): void {
    if (!this.#rooms.delete(room.name)) return;
    this.#tables.dropRoom(room.id);
    this.#forgotten.add(room);
  }

  /** The transaction is committed. Gives what has happened in it. */
  commit(): PublishedChanges[] {
    const published: PublishedChanges[] = [];
    for (const room of this.#concerned) {
      room.committed();
      const changes = room.ledger.takeChanges();
      if (changes.events.length > 0 || changes.endings.length > 0) {
        published.push({ room: room.name, ...changes });
      }
    }
    this.#begin();
    return published;
  }

  /** Nothing of the transaction took effect. */
  rollback(): void {
    for (const room of this.#forgotten) this.#rooms.set(room.name, room);
    for (const room of this.#created) this.#rooms.delete(room.name);
    for (const room of this.#concerned) room.rolledBack();
    this.#begin();
  }

  #begin(): void {
    this.#concerned.clear();
    this.#created.clear();
    this.#forgotten.clear();
  }
}

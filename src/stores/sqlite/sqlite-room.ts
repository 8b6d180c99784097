/** One room of a database file: its ledger, what the file has of it, and the keeper between the two. */

import type { Time } from '../../core/clock.ts';
import type { HistoryLimits } from '../../core/event-log.ts';
import { type EncodedEvent, utf8Length } from '../../core/events.ts';
import type { LogPlace, SessionRecord } from '../../core/store.ts';
import { type Keeper, type KeyAnswer, RoomLedger } from '../room-ledger.ts';
import type { FoundRoom } from './inspect.ts';
import type { LoadAnswer } from './protocol.ts';
import type { RoomRow, Tables } from './tables.ts';

// A block is read in one turn of the event loop: about a millisecond.
const blockBytes = 128 * 1024;
const newline = '\n';

export class SqliteRoom implements Keeper {
  readonly name: string;
  /** How many listen to it. */
  listeners = 0;
  readonly #tables: Tables;
  readonly #time: Time;
  #row: RoomRow;
  #bytes: number;
  #ledger: RoomLedger;
  // When the oldest event kept was written; read from the file when it is first asked for.
  #oldest: { readonly id: number; readonly timestamp: number } | undefined;
  #isStale = false;
  // What to go back to if a commit fails.
  #committed: {
    readonly row: RoomRow;
    readonly bytes: number;
    readonly headId: number;
    readonly lastTimestamp: number;
  };

  constructor(found: FoundRoom, tables: Tables, time: Time) {
    this.name = found.row.name;
    this.#tables = tables;
    this.#time = time;
    this.#row = found.row;
    this.#bytes = found.bytes;
    this.#ledger = this.#ledgerOf(found.headId, found.lastTimestamp, found.sessions);
    this.#committed = this.#state();
  }

  get ledger(): RoomLedger {
    return this.#ledger;
  }

  get id(): number {
    return this.#row.id;
  }

  /** The last id that is no longer kept. */
  get baseId(): number {
    return this.#row.base_id;
  }

  /** Of the events kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#ledger.headId - this.#row.base_id;
  }

  get isInUse(): boolean {
    return this.listeners > 0 || this.#ledger.size > 0;
  }

  appendEvent(event: EncodedEvent): void {
    this.#tables.putEvent(this.id, event);
    this.#bytes += event.bytes;
  }

  findEvent(id: number): EncodedEvent | undefined {
    const json = this.#tables.event(this.id, id);
    return json === undefined ? undefined : { event: JSON.parse(json), json, bytes: utf8Length(json) };
  }

  findRedaction(target: number): LogPlace | undefined {
    return this.#tables.findRedaction(this.id, target);
  }

  replaceEvent(before: EncodedEvent, after: EncodedEvent): void {
    this.#tables.replaceEvent(this.id, after);
    this.#bytes += after.bytes - before.bytes;
  }

  putSession(record: SessionRecord): void {
    this.#tables.putSession(this.id, record);
  }

  dropSession(sessionId: string): void {
    this.#tables.dropSession(this.id, sessionId);
  }

  findKey(sessionId: string, key: string): KeyAnswer | undefined {
    return this.#tables.findKey(sessionId, key);
  }

  replaceKey(sessionId: string, key: string, answer: KeyAnswer): void {
    this.#tables.replaceKey(sessionId, key, answer);
  }

  putKey(sessionId: string, key: string, answer: KeyAnswer): void {
    this.#tables.putKey(sessionId, key, answer);
  }

  /** What was written is committed. */
  committed(): void {
    this.#committed = this.#state();
  }

  /** What was written is not committed. */
  rolledBack(): void {
    const { row, bytes } = this.#committed;
    this.#row = row;
    this.#bytes = bytes;
    this.#isStale = true;
  }

  /**
   * After `rolledBack` goes on from what the file has; before that the ledger must not be used.
   * @throws what SQLite throws if that cannot be read
   */
  recover(): void {
    if (!this.#isStale) return;
    const before = this.#ledger;
    const records = this.#tables.sessions(this.id).map((json): SessionRecord => JSON.parse(json));
    this.#ledger = this.#ledgerOf(this.#committed.headId, this.#committed.lastTimestamp, records);
    this.#ledger.inheritTouches(before);
    this.#isStale = false;
  }

  /** The log as far as it is to be kept, with the roster at its beginning [LOG-5]. */
  load(history: HistoryLimits): LoadAnswer {
    const baseId = this.#firstKept(history) - 1;
    const blocks: Uint8Array<ArrayBuffer>[] = [];
    const moves: { readonly type: string; readonly name: string }[] = [];
    let block = '';
    for (const json of this.#tables.events(this.id, baseId)) {
      if (isMove(json)) moves.push(JSON.parse(json));
      block += block === '' ? json : newline + json;
      if (block.length >= blockBytes) {
        blocks.push(encode(block));
        block = '';
      }
    }
    if (block !== '') blocks.push(encode(block));
    return { epoch: this.#row.epoch, baseId, users: this.#usersBefore(moves), blocks };
  }

  /**
   * Drops up to `limit` of the oldest events that are not to be kept.
   * @param maxBytes what this room may keep, at most `history.bytes`
   * @returns how many were dropped
   */
  trim(history: HistoryLimits, maxBytes: number, limit: number): number {
    const horizon = this.#time.wall() - history.ageMs;
    if (this.length <= history.events && this.#bytes <= maxBytes && !(this.#oldestAt() < horizon)) return 0;
    let dropped = 0;
    let bytes = this.#bytes;
    let last = this.#row.last_timestamp;
    for (const [, timestamp, size] of this.#tables.sizes(this.id, this.baseId, limit)) {
      const isOver = this.length - dropped > history.events || bytes > maxBytes || timestamp < horizon;
      if (!isOver) break;
      dropped += 1;
      bytes -= size;
      last = timestamp;
    }
    if (dropped === 0) return 0;
    this.#row = { ...this.#row, base_id: this.baseId + dropped, last_timestamp: last };
    this.#bytes = bytes;
    this.#oldest = undefined;
    this.#tables.dropEvents(this.id, this.baseId);
    this.#tables.putRoom(this.#row);
    return dropped;
  }

  #oldestAt(): number {
    const id = this.baseId + 1;
    if (this.length === 0) return Number.POSITIVE_INFINITY;
    if (this.#oldest?.id !== id) {
      const [first] = this.#tables.sizes(this.id, this.baseId, 1);
      this.#oldest = { id, timestamp: first?.[1] ?? Number.POSITIVE_INFINITY };
    }
    return this.#oldest.timestamp;
  }

  /** The id of the first event that is to be kept; one beyond the head if none is. */
  #firstKept(history: HistoryLimits): number {
    const beyond = this.#ledger.headId + 1;
    const horizon = this.#time.wall() - history.ageMs;
    const isAged = this.#oldestAt() < horizon;
    return Math.max(
      this.baseId + 1,
      beyond - history.events,
      this.#bytes > history.bytes ? this.#tables.firstWithin(this.id, history.bytes) : 0,
      isAged ? (this.#tables.firstSince(this.id, horizon) ?? beyond) : 0,
    );
  }

  /** The roster at the head, with what happened since taken back, the latest first. */
  #usersBefore(moves: readonly { readonly type: string; readonly name: string }[]): string[] {
    const joined = this.#ledger.records().filter((record) => record.isJoined);
    joined.sort((a, b) => a.start.id - b.start.id);
    const users = new Set(joined.map((record) => record.name));
    for (const { type, name } of [...moves].reverse()) {
      if (type === 'join') users.delete(name);
      else users.add(name);
    }
    return [...users];
  }

  #ledgerOf(headId: number, lastTimestamp: number, sessions: readonly SessionRecord[]): RoomLedger {
    return new RoomLedger({ epoch: this.#row.epoch, headId, lastTimestamp, sessions }, this, this.#time);
  }

  #state() {
    const { headId, lastTimestamp } = this.#ledger;
    return { row: this.#row, bytes: this.#bytes, headId, lastTimestamp };
  }
}

// How `encodeEvent` begins the JSON of a join or a leave.
const movePattern = /^\{"id":\d+,"type":"(?:join|leave)",/;

function isMove(json: string): boolean {
  return movePattern.test(json);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

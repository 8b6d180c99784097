/**
 * Who is in a room and what happens there, whatever it is kept in: the rules of the store port, as memory and
 * SQLite have them. Everything here is synchronous, and is given to a keeper as it happens.
 *
 * - Ids are contiguous and timestamps never go back: both are given in `#append` only [LOG-1].
 * - What has happened since the last `takeChanges` waits there to be published.
 */

import { hash } from 'node:crypto';
import type { User } from '../core/authenticator.ts';
import type { Time } from '../core/clock.ts';
import type { Cursor } from '../core/cursor.ts';
import type { SessionEndReason } from '../core/endings.ts';
import {
  type EncodedEvent,
  type EventDraft,
  encodeEvent,
  eventOf,
  hasText,
  redactedOf,
  type TextEvent,
} from '../core/events.ts';
import type {
  AppendAnswer,
  LogPlace,
  MessageDraft,
  OpenAnswer,
  RedactAnswer,
  SessionClaim,
  SessionRecord,
} from '../core/store.ts';
import { LedgerSessions, type SessionKeeper } from './ledger-sessions.ts';

/** What a key was answered with. */
export interface KeyAnswer {
  /** SHA-256 of the text, as base64url; empty once that was redacted: a short text could be guessed from it. */
  readonly textHash: string;
  readonly id: number;
  readonly timestamp: number;
}

/** Where a ledger writes what it changes, and where it keeps the answers to keys. */
export interface Keeper extends SessionKeeper {
  appendEvent(event: EncodedEvent): void;
  /** An event that is kept; undefined if it is not. */
  findEvent(id: number): EncodedEvent | undefined;
  /** The redaction of an event that is kept. */
  findRedaction(target: number): LogPlace | undefined;
  /** Puts an event in the place of another one, of which nothing may be left. */
  replaceEvent(before: EncodedEvent, after: EncodedEvent): void;
  findKey(sessionId: string, key: string): KeyAnswer | undefined;
  /** Keeps an answer, and of each session the latest `keysPerSession`. */
  putKey(sessionId: string, key: string, answer: KeyAnswer): void;
  /** Puts another answer in the place of one that is kept. */
  replaceKey(sessionId: string, key: string, answer: KeyAnswer): void;
}

/** What a ledger goes on from. */
interface LedgerState {
  readonly epoch: string;
  readonly headId: number;
  readonly lastTimestamp: number;
  readonly sessions: Iterable<SessionRecord>;
}

/** How a session ended. */
interface SessionEnding {
  readonly sessionId: string;
  readonly reason: SessionEndReason;
  readonly detail: string | undefined;
}

/** What happened in a room, in order; to be published once it is committed. */
export interface RoomChanges {
  readonly events: readonly EncodedEvent[];
  readonly endings: readonly SessionEnding[];
}

export class RoomLedger {
  readonly epoch: string;
  readonly #time: Time;
  readonly #keeper: Keeper;
  readonly #sessions: LedgerSessions;
  #headId: number;
  #lastTimestamp: number;
  #events: EncodedEvent[] = [];
  #endings: SessionEnding[] = [];

  constructor(state: LedgerState, keeper: Keeper, time: Time) {
    this.epoch = state.epoch;
    this.#headId = state.headId;
    this.#lastTimestamp = state.lastTimestamp;
    this.#keeper = keeper;
    this.#time = time;
    this.#sessions = new LedgerSessions(state.sessions, keeper, time);
  }

  get headId(): number {
    return this.#headId;
  }

  get lastTimestamp(): number {
    return this.#lastTimestamp;
  }

  /** How many sessions there are, reserved ones included. */
  get size(): number {
    return this.#sessions.size;
  }

  records(): SessionRecord[] {
    return [...this.#sessions.records()];
  }

  open(claim: SessionClaim, join: boolean, maxMembers: number): OpenAnswer {
    const holder = this.#sessions.ofName(claim.nameKey);
    if (holder && isRepeat(claim, holder)) {
      return { outcome: 'reopened', record: this.#sessions.reopen(holder, claim) };
    }
    const previous = claim.user ? this.#sessions.ofUser(claim.user.id) : undefined;
    if (holder && holder !== previous) return { outcome: 'name-in-use' };
    if (!previous && this.#sessions.size >= maxMembers) return { outcome: 'room-full' };
    const start: Cursor = { epoch: this.epoch, id: this.#headId };
    const wasJoined = previous?.isJoined ?? false;
    // Membership passes on silently only if the shown name stays the same.
    const passesOn = wasJoined && previous?.name === claim.name;
    if (previous) this.#drop(previous, 'taken-over');
    if (previous && wasJoined && !passesOn) this.#append({ type: 'leave', name: previous.name });
    const isJoined = join || wasJoined;
    if (isJoined && !passesOn) this.#append({ type: 'join', name: claim.name });
    const record = recordOf(claim, isJoined, start);
    this.#sessions.put(record);
    return { outcome: 'opened', record, replaced: previous?.sessionId ?? null };
  }

  join(sessionId: string): boolean {
    const session = this.#sessions.get(sessionId);
    if (!session) return false;
    if (!session.isJoined) {
      this.#sessions.update(sessionId, { isJoined: true });
      this.#sessions.touch(sessionId);
      this.#append({ type: 'join', name: session.name });
    }
    return true;
  }

  close(sessionId: string, reason: SessionEndReason, detail?: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    this.#drop(session, reason, detail);
    if (session.isJoined) this.#append({ type: 'leave', name: session.name });
  }

  append(drafts: readonly MessageDraft[]): AppendAnswer[] {
    return drafts.map((draft) => this.#appendMessage(draft));
  }

  announce(message: string): LogPlace {
    return this.#append({ type: 'announcement', message });
  }

  redact(target: number): RedactAnswer {
    const before = this.#keeper.findEvent(target);
    if (!before) return { outcome: 'not-kept' };
    const { event } = before;
    if (!hasText(event)) return { outcome: 'no-text' };
    // What follows a kept event is kept too, its redaction for one.
    const first = event.redacted ? this.#keeper.findRedaction(target) : undefined;
    if (first) return { outcome: 'repeated', ...first };
    const after = encodeEvent(redactedOf(event));
    this.#keeper.replaceEvent(before, after);
    this.#forgetText(event);
    // It may be said and taken back in one commit.
    this.#events = this.#events.map((one) => (one.event.id === target ? after : one));
    return { outcome: 'redacted', ...this.#append({ type: 'redaction', target }) };
  }

  /** The session of a token, for whoever serves it from now on: it is not idle. */
  find(tokenHash: string): SessionRecord | null {
    const session = this.#sessions.ofToken(tokenHash);
    if (session?.isJoined) this.#sessions.touch(session.sessionId);
    return session ?? null;
  }

  touch(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    if (session.createKey !== null) this.#sessions.update(sessionId, { createKey: null });
    // A reserved session is reaped whatever it does [SES-3].
    if (session.isJoined) this.#sessions.touch(sessionId);
  }

  renewUser(sessionId: string, user: User): void {
    this.#sessions.renewUser(sessionId, user);
  }

  savePosition(sessionId: string, position: Cursor): void {
    this.#sessions.update(sessionId, { position });
  }

  /** Whether the session is there, and untouched for `idleMs`; it then counts as touched. */
  takeExpired(sessionId: string, idleMs: number): boolean {
    return this.#sessions.takeExpired(sessionId, idleMs);
  }

  /** Takes over from a ledger of the same room, whose changes are void, when its sessions were last heard of. */
  inheritTouches(other: RoomLedger): void {
    this.#sessions.inheritTouches(other.#sessions);
  }

  /** What has happened since the last call. */
  takeChanges(): RoomChanges {
    const changes = { events: this.#events, endings: this.#endings };
    if (this.#events.length > 0) this.#events = [];
    if (this.#endings.length > 0) this.#endings = [];
    this.#sessions.committed();
    return changes;
  }

  #appendMessage({ sessionId, message, key, isRepeatOnly }: MessageDraft): AppendAnswer {
    const session = this.#sessions.get(sessionId);
    if (!session) return { outcome: 'session-gone' };
    if (!session.isJoined) return { outcome: 'not-joined' };
    const { name } = session;
    if (key === null) return { outcome: 'appended', ...this.#append({ type: 'message', name, message }) };
    const textHash = hash('sha256', message, 'base64url');
    const known = this.#keeper.findKey(sessionId, key);
    if (known) {
      if (known.textHash !== '' && known.textHash !== textHash) return { outcome: 'key-reused' };
      return { outcome: 'repeated', id: known.id, timestamp: known.timestamp };
    }
    if (isRepeatOnly) return { outcome: 'unknown-key' };
    const answer = this.#append({ type: 'message', name, message, key });
    this.#keeper.putKey(sessionId, key, { textHash, ...answer });
    return { outcome: 'appended', ...answer };
  }

  #forgetText(event: TextEvent): void {
    if (event.type !== 'message' || event.key === undefined) return;
    for (const { sessionId, name } of this.#sessions.records()) {
      const answer = name === event.name ? this.#keeper.findKey(sessionId, event.key) : undefined;
      if (answer?.id !== event.id) continue;
      this.#keeper.replaceKey(sessionId, event.key, { ...answer, textHash: '' });
      return;
    }
  }

  #append(draft: EventDraft): LogPlace {
    // Timestamps never go back within a room, whatever the machine's clock does [LOG-1].
    const timestamp = Math.max(this.#lastTimestamp, this.#time.wall());
    const id = this.#headId + 1;
    const event = encodeEvent(eventOf(id, timestamp, draft));
    this.#keeper.appendEvent(event);
    this.#events.push(event);
    this.#headId = id;
    this.#lastTimestamp = timestamp;
    return { id, timestamp };
  }

  #drop(record: SessionRecord, reason: SessionEndReason, detail?: string): void {
    this.#sessions.drop(record);
    this.#endings.push({ sessionId: record.sessionId, reason, detail });
  }
}

// Member by member: what `...` makes of a claim has a hidden class of its own in V8, twice as large as the record.
function recordOf(claim: SessionClaim, isJoined: boolean, start: Cursor): SessionRecord {
  const { room, sessionId, tokenHash, name, nameKey, user, delivery, createdAt, createKey } = claim;
  return {
    room,
    sessionId,
    tokenHash,
    name,
    nameKey,
    user,
    delivery,
    createdAt,
    createKey,
    isJoined,
    start,
    position: start,
  };
}

/** Whether a claim repeats the one that opened a session: its first answer was lost [SES-10]. */
function isRepeat(claim: SessionClaim, opened: SessionRecord): boolean {
  return (
    claim.createKey !== null && claim.createKey === opened.createKey && claim.user?.id === opened.user?.id
  );
}

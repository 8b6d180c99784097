/** One room of the memory store: its log, its names and its sessions. Everything here is synchronous. */

import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Cursor } from '../core/cursor.ts';
import type { SessionEndReason } from '../core/endings.ts';
import { EventLog, type HistoryLimits } from '../core/event-log.ts';
import { type EncodedEvent, type EventDraft, encodeEvent, eventOf } from '../core/events.ts';
import {
  type AppendAnswer,
  keysPerSession,
  type LoadedRoom,
  type MessageDraft,
  type OpenAnswer,
  type SessionClaim,
  type SessionRecord,
  type StoreListener,
} from '../core/store.ts';

interface KeyAnswer {
  readonly textHash: string;
  readonly id: number;
  readonly timestamp: number;
}

interface StoredSession {
  record: SessionRecord;
  /** The latest `keysPerSession` answers, oldest first. */
  keys?: Map<string, KeyAnswer>;
  /** Monotonic milliseconds. When it was opened, joined, touched, or given to a reaper. */
  touchedAt: number;
}

export class MemoryRoom {
  readonly log: EventLog;
  readonly #clock: Clock;
  readonly #listeners = new Set<StoreListener>();
  readonly #sessions = new Map<string, StoredSession>();
  readonly #byNameKey = new Map<string, string>();
  readonly #byTokenHash = new Map<string, string>();
  readonly #byUser = new Map<string, string>();
  #lastTimestamp = 0;
  #pending: EncodedEvent[] = [];
  #endings: { readonly sessionId: string; readonly reason: SessionEndReason }[] = [];

  constructor(epoch: string, history: HistoryLimits, clock: Clock) {
    this.#clock = clock;
    this.log = new EventLog({ epoch, baseId: 0, users: [], events: [] }, history);
  }

  /** Whether anybody is in the room or listens to it. */
  get isInUse(): boolean {
    return this.#sessions.size > 0 || this.#listeners.size > 0;
  }

  load(listener: StoreListener): LoadedRoom {
    // What this commit has appended so far goes to the others first: the snapshot holds it.
    this.publish();
    this.#listeners.add(listener);
    return { log: this.log.snapshot(), unsubscribe: () => this.#listeners.delete(listener) };
  }

  open(claim: SessionClaim, join: boolean, maxMembers: number): OpenAnswer {
    const holder = this.#sessions.get(this.#byNameKey.get(claim.nameKey) ?? '');
    if (holder && isRepeat(claim, holder.record)) {
      return { outcome: 'reopened', record: this.#reopen(holder, claim.tokenHash) };
    }
    const previous = claim.user ? this.#sessions.get(this.#byUser.get(claim.user.id) ?? '') : undefined;
    if (holder && holder !== previous) return { outcome: 'name-in-use' };
    if (!previous && this.#sessions.size >= maxMembers) return { outcome: 'room-full' };
    const start = this.log.headCursor;
    const wasJoined = previous?.record.isJoined ?? false;
    // Membership passes on silently only if the shown name stays the same.
    const passesOn = wasJoined && previous?.record.name === claim.name;
    if (previous) this.#drop(previous.record, 'taken-over');
    if (previous && wasJoined && !passesOn) this.#append({ type: 'leave', name: previous.record.name });
    const isJoined = join || wasJoined;
    if (isJoined && !passesOn) this.#append({ type: 'join', name: claim.name });
    const record: SessionRecord = { ...claim, isJoined, start, position: start };
    this.#put(record);
    return { outcome: 'opened', record, replaced: previous?.record.sessionId ?? null };
  }

  join(sessionId: string): boolean {
    const session = this.#sessions.get(sessionId);
    if (!session) return false;
    if (!session.record.isJoined) {
      session.record = { ...session.record, isJoined: true };
      session.touchedAt = this.#clock.monotonic();
      this.#append({ type: 'join', name: session.record.name });
    }
    return true;
  }

  close(sessionId: string, reason: SessionEndReason): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    this.#drop(session.record, reason);
    if (session.record.isJoined) this.#append({ type: 'leave', name: session.record.name });
  }

  append(drafts: readonly MessageDraft[]): AppendAnswer[] {
    return drafts.map((draft) => this.#appendMessage(draft));
  }

  find(tokenHash: string): SessionRecord | null {
    return this.#sessions.get(this.#byTokenHash.get(tokenHash) ?? '')?.record ?? null;
  }

  touch(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    if (session.record.createKey !== null) session.record = { ...session.record, createKey: null };
    // A reserved session is reaped whatever it does [SES-3].
    if (session.record.isJoined) session.touchedAt = this.#clock.monotonic();
  }

  savePosition(sessionId: string, position: Cursor): void {
    const session = this.#sessions.get(sessionId);
    if (session) session.record = { ...session.record, position };
  }

  /** Whether the session is there, and untouched for `idleMs`; it then counts as touched. */
  takeExpired(sessionId: string, idleMs: number): boolean {
    const session = this.#sessions.get(sessionId);
    const now = this.#clock.monotonic();
    if (!session || now - session.touchedAt < idleMs) return false;
    session.touchedAt = now;
    return true;
  }

  trim(): void {
    this.log.trim(this.#clock.wall());
  }

  /** Tells the listeners what was committed. */
  publish(): void {
    if (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      for (const listener of this.#listeners) listener.deliver(batch);
    }
    if (this.#endings.length > 0) {
      const endings = this.#endings;
      this.#endings = [];
      for (const { sessionId, reason } of endings) {
        for (const listener of this.#listeners) listener.ended(sessionId, reason);
      }
    }
  }

  #appendMessage({ sessionId, message, key, isRepeatOnly }: MessageDraft): AppendAnswer {
    const session = this.#sessions.get(sessionId);
    if (!session) return { outcome: 'session-gone' };
    if (!session.record.isJoined) return { outcome: 'not-joined' };
    const { name } = session.record;
    if (key === null) return { outcome: 'appended', ...this.#append({ type: 'message', name, message }) };
    const textHash = createHash('sha256').update(message).digest('base64url');
    const known = session.keys?.get(key);
    if (known) {
      if (known.textHash !== textHash) return { outcome: 'key-reused' };
      return { outcome: 'repeated', id: known.id, timestamp: known.timestamp };
    }
    if (isRepeatOnly) return { outcome: 'unknown-key' };
    const answer = this.#append({ type: 'message', name, message, key });
    session.keys ??= new Map();
    session.keys.set(key, { textHash, ...answer });
    if (session.keys.size > keysPerSession) {
      for (const oldest of session.keys.keys()) {
        session.keys.delete(oldest);
        break;
      }
    }
    return { outcome: 'appended', ...answer };
  }

  #append(draft: EventDraft): { id: number; timestamp: number } {
    // Timestamps never go back within a room, whatever the machine's clock does [LOG-1].
    this.#lastTimestamp = Math.max(this.#lastTimestamp, this.#clock.wall());
    const event = encodeEvent(eventOf(this.log.headId + 1, this.#lastTimestamp, draft));
    this.log.append([event]);
    this.#pending.push(event);
    return { id: event.event.id, timestamp: this.#lastTimestamp };
  }

  #reopen(session: StoredSession, tokenHash: string): SessionRecord {
    this.#byTokenHash.delete(session.record.tokenHash);
    session.record = { ...session.record, tokenHash };
    this.#byTokenHash.set(tokenHash, session.record.sessionId);
    return session.record;
  }

  #put(record: SessionRecord): void {
    this.#sessions.set(record.sessionId, { record, touchedAt: this.#clock.monotonic() });
    this.#byNameKey.set(record.nameKey, record.sessionId);
    this.#byTokenHash.set(record.tokenHash, record.sessionId);
    if (record.user) this.#byUser.set(record.user.id, record.sessionId);
  }

  #drop(record: SessionRecord, reason: SessionEndReason): void {
    this.#sessions.delete(record.sessionId);
    this.#byNameKey.delete(record.nameKey);
    this.#byTokenHash.delete(record.tokenHash);
    if (record.user) this.#byUser.delete(record.user.id);
    this.#endings.push({ sessionId: record.sessionId, reason });
  }
}

/** Whether a claim repeats the one that opened a session: its first answer was lost [SES-10]. */
function isRepeat(claim: SessionClaim, opened: SessionRecord): boolean {
  return (
    claim.createKey !== null && claim.createKey === opened.createKey && claim.user?.id === opened.user?.id
  );
}

/**
 * The sessions of a room, whatever it is kept in: found by id, name, token and user, and when each was last heard of.
 *
 * - A name, a token and a user have one session at most; `#index`, `reopen` and `drop` keep the maps with that.
 * - What changes is given to a keeper as it happens. When a session was heard of is not kept.
 */

import type { User } from '../core/authenticator.ts';
import type { Time } from '../core/clock.ts';
import type { SessionClaim, SessionRecord } from '../core/store.ts';

/** Where sessions are written. */
export interface SessionKeeper {
  putSession(record: SessionRecord): void;
  /** Forgets a session and the answers to its keys. */
  dropSession(sessionId: string): void;
}

interface LedgerSession {
  record: SessionRecord;
  /** Monotonic milliseconds. When it was opened, joined, touched, or given to a reaper. */
  touchedAt: number;
}

export class LedgerSessions {
  readonly #keeper: SessionKeeper;
  readonly #time: Pick<Time, 'monotonic'>;
  readonly #byId = new Map<string, LedgerSession>();
  readonly #byNameKey = new Map<string, string>();
  readonly #byTokenHash = new Map<string, string>();
  readonly #byUser = new Map<string, string>();
  // Given to a reaper since the last `committed`: when they were touched before.
  readonly #taken = new Map<string, number>();

  constructor(kept: Iterable<SessionRecord>, keeper: SessionKeeper, time: Pick<Time, 'monotonic'>) {
    this.#keeper = keeper;
    this.#time = time;
    for (const record of kept) this.#index(record);
  }

  get size(): number {
    return this.#byId.size;
  }

  *records(): Generator<SessionRecord> {
    for (const { record } of this.#byId.values()) yield record;
  }

  get(sessionId: string): SessionRecord | undefined {
    return this.#byId.get(sessionId)?.record;
  }

  ofName(nameKey: string): SessionRecord | undefined {
    return this.get(this.#byNameKey.get(nameKey) ?? '');
  }

  ofToken(tokenHash: string): SessionRecord | undefined {
    return this.get(this.#byTokenHash.get(tokenHash) ?? '');
  }

  ofUser(userId: string): SessionRecord | undefined {
    return this.get(this.#byUser.get(userId) ?? '');
  }

  /** A new one, of a name, token and user that no other has. */
  put(record: SessionRecord): void {
    this.#index(record);
    this.#keeper.putSession(record);
  }

  /** Changes nothing by which a session is found. */
  update(
    sessionId: string,
    change: Partial<Pick<SessionRecord, 'isJoined' | 'createKey' | 'position'>>,
  ): void {
    this.#change(sessionId, change);
  }

  /** The same user was vouched for anew; of another one nothing is changed. */
  renewUser(sessionId: string, user: User): void {
    if (this.get(sessionId)?.user?.id === user.id) this.#change(sessionId, { user });
  }

  /** Gives a session another token in the place of its own. */
  reopen(record: SessionRecord, { tokenHash, user }: SessionClaim): SessionRecord {
    this.#byTokenHash.delete(record.tokenHash);
    this.#change(record.sessionId, { tokenHash, user });
    this.#byTokenHash.set(tokenHash, record.sessionId);
    return this.get(record.sessionId) ?? record;
  }

  drop({ sessionId, nameKey, tokenHash, user }: SessionRecord): void {
    this.#byId.delete(sessionId);
    this.#byNameKey.delete(nameKey);
    this.#byTokenHash.delete(tokenHash);
    if (user) this.#byUser.delete(user.id);
    this.#keeper.dropSession(sessionId);
  }

  touch(sessionId: string): void {
    const session = this.#byId.get(sessionId);
    if (!session) return;
    session.touchedAt = this.#time.monotonic();
    this.#taken.delete(sessionId);
  }

  /** Whether the session is there, and untouched for `idleMs`; it then counts as touched. */
  takeExpired(sessionId: string, idleMs: number): boolean {
    const session = this.#byId.get(sessionId);
    const now = this.#time.monotonic();
    if (!session || now - session.touchedAt < idleMs) return false;
    this.#taken.set(sessionId, session.touchedAt);
    session.touchedAt = now;
    return true;
  }

  /** What was given to a reaper stays given. */
  committed(): void {
    if (this.#taken.size > 0) this.#taken.clear();
  }

  /** Takes over from the sessions of the same room, whose changes are void, when they were last heard of. */
  inheritTouches(other: LedgerSessions): void {
    for (const [sessionId, { touchedAt }] of other.#byId) {
      const session = this.#byId.get(sessionId);
      // No reaper was told.
      if (session) session.touchedAt = other.#taken.get(sessionId) ?? touchedAt;
    }
  }

  #change(sessionId: string, change: Partial<SessionRecord>): void {
    const session = this.#byId.get(sessionId);
    if (!session) return;
    session.record = { ...session.record, ...change };
    this.#keeper.putSession(session.record);
  }

  #index(record: SessionRecord): void {
    this.#byId.set(record.sessionId, { record, touchedAt: this.#time.monotonic() });
    this.#byNameKey.set(record.nameKey, record.sessionId);
    this.#byTokenHash.set(record.tokenHash, record.sessionId);
    if (record.user) this.#byUser.set(record.user.id, record.sessionId);
  }
}

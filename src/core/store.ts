/**
 * The port behind which events, sessions and names live.
 *
 * - Operations are whole: each is one transaction or script, so that no crash leaves a ghost in the
 *   roster or a name that nobody can have.
 * - Operations on one room take effect in the order in which they were called.
 * - What is asked for while a commit runs is the next commit. An operation resolves after its commit [P-1]
 *   and after the room's listener has had the batch: who reads the log then finds the event in it.
 * - A listener is called synchronously, batch after batch in the order of ids; it must not throw.
 * - An operation rejects with a ChatError `unavailable` if the store cannot be reached; whether it took
 *   effect is then unknown, so everything that may be repeated carries a key or is idempotent.
 * - An operation rejects with any other error if it ran into a bug: then it took no effect, and others go on.
 *
 * Every implementation passes `test/contract/store-contract.ts`.
 */

import type { User } from './authenticator.ts';
import type { Cursor } from './cursor.ts';
import type { SessionEndReason } from './endings.ts';
import type { LogSnapshot } from './event-log.ts';
import type { EncodedEvent } from './events.ts';
import type { RestrictionStore } from './restriction.ts';

/** How a client said it wants its events; either may be used later [SES-4]. */
export type Delivery = 'pull' | 'push';

/** What somebody asks for who opens a session. */
export interface SessionClaim {
  readonly room: string;
  readonly sessionId: string;
  readonly tokenHash: string;
  readonly name: string;
  /** What tells names apart; unique in the room. */
  readonly nameKey: string;
  readonly user: User | null;
  readonly delivery: Delivery;
  /** Wall milliseconds. */
  readonly createdAt: number;
  /** What the creator gave so that he can repeat a lost answer; ends with the first use of the token [SES-10]. */
  readonly createKey: string | null;
}

export interface SessionRecord extends SessionClaim {
  readonly isJoined: boolean;
  /** The head of the log when the session was opened: just before its own `join`. */
  readonly start: Cursor;
  /** Where its client reads on that gives no cursor, as it was last kept; `start` at first [SES-8]. */
  readonly position: Cursor;
}

/** What names a session to a store. */
export interface SessionRef {
  readonly room: string;
  readonly sessionId: string;
}

/** A session whose client was heard of. */
export interface SessionTouch extends SessionRef {
  /** How long ago; just now if missing. */
  readonly idleMs?: number;
}

/** A session with the position to keep for it. */
export interface SessionPosition extends SessionRef {
  readonly position: Cursor;
}

export type OpenAnswer =
  /** `replaced` is the session whose name or user passed on to this one without leave or join [SES-10]. */
  | { readonly outcome: 'opened'; readonly record: SessionRecord; readonly replaced: string | null }
  /** The same `createKey`, name and user again: the session there is, now with the claim's token and what it says of the user. */
  | { readonly outcome: 'reopened'; readonly record: SessionRecord }
  | { readonly outcome: 'name-in-use' }
  | { readonly outcome: 'room-full' };

/** One message to append. */
export interface MessageDraft {
  readonly sessionId: string;
  readonly message: string;
  readonly key: string | null;
  /** Append nothing: only answer if the key is known. */
  readonly isRepeatOnly: boolean;
}

export type AppendAnswer =
  | { readonly outcome: 'appended' | 'repeated'; readonly id: number; readonly timestamp: number }
  /** The key is known with another text. */
  | { readonly outcome: 'key-reused' }
  /** `isRepeatOnly`, and the key is not known. */
  | { readonly outcome: 'unknown-key' }
  | { readonly outcome: 'not-joined' }
  | { readonly outcome: 'session-gone' };

/** What became of something that is in the log now. */
export interface LogPlace {
  readonly id: number;
  readonly timestamp: number;
}

export type RedactAnswer =
  /** `repeated`: the target has no text any more; this is the redaction that took it. */
  | ({ readonly outcome: 'redacted' | 'repeated' } & LogPlace)
  /** There is no such event, or none any more. */
  | { readonly outcome: 'not-kept' }
  /** The event is none that has a text. */
  | { readonly outcome: 'no-text' };

/** How many answers to keys a store remembers per session, the latest ones. */
export const keysPerSession = 64;

/**
 * Whether a store takes operations: `starting`: they wait until it does; `ready`; `away`: the last commit failed or is
 * overdue, and operations are likely to be refused. A store that is away looks by itself whether it can go on.
 */
export type StoreStatus = 'starting' | 'ready' | 'away';

/** What a store that others use too tells of itself, for whoever watches it. Counts only rise. */
export interface StoreFigures {
  /** How often a connection was lost and made anew. */
  readonly reconnects: number;
  /** How many events this process knows to be committed and has not heard yet, in all rooms that it uses. */
  readonly lagEvents: number;
  /** For how long it has been behind with the room where that is longest. */
  readonly lagMs: number;
  /** Operations that were asked for and have no answer yet. */
  readonly waiting: number;
  readonly operations: number;
  /** What they went in. */
  readonly roundTrips: number;
}

export interface StoreListener {
  /** A committed batch, in the order of ids, whoever committed it. */
  deliver(batch: readonly EncodedEvent[]): void;
  /** A session of this room ended, here or on another instance. */
  ended(sessionId: string, reason: SessionEndReason, detail?: string): void;
  /**
   * What is missing to the listener can no longer be told, or the room was lost and goes on in another epoch: this is what is
   * kept now. Its ids are above all that were delivered before, or among them.
   */
  replaced?(log: LogSnapshot): void;
}

/** How a session ended. */
export interface KnownEnding {
  readonly reason: SessionEndReason;
  readonly detail?: string;
}

/** A room as it was read once, and its subscription from exactly there on. */
export interface LoadedRoom {
  readonly log: LogSnapshot;
  unsubscribe(): void;
}

export interface Store extends RestrictionStore {
  readonly status: StoreStatus;

  /** Whether other processes use it at the same time: then it has to hear which sessions are active. */
  readonly isShared?: boolean;

  /** Wall milliseconds by the clock that dates events and restrictions, if that is not this process': clocks of machines differ. */
  wall?(): number;

  /** How many sessions it has that no process holds: of before a restart, and nobody has asked for them since. */
  readonly unheld: number;

  /** Why it is away, in one line without secrets, if that is known. */
  readonly trouble?: string | undefined;

  /** Of a store that is reached through a network. */
  figures?(): StoreFigures;

  /** Calls back at each change of `status`, until the function that is returned is called. */
  onStatus(listener: (status: StoreStatus) => void): () => void;

  /**
   * Reads a room and subscribes to it, without a seam between the two. Rooms come into being by this, by `openSession` and by
   * `announce`.
   */
  load(room: string, listener: StoreListener): Promise<LoadedRoom>;

  /**
   * Claims the name and puts the session; with `join` it is joined in the same step. If the claim's user
   * has a session in the room, that session is taken over: it ends as `taken-over` and what it was
   * (reserved or joined) passes on; a shown name that differs is claimed anew, with `leave` and `join`.
   * @param maxMembers how many names the room may hold, reserved ones included
   */
  openSession(claim: SessionClaim, join: boolean, maxMembers: number): Promise<OpenAnswer>;

  /** Makes a reserved session a member. Idempotent. False if the session is gone. */
  joinSession(ref: SessionRef): Promise<boolean>;

  /**
   * Deletes the session, frees its name, and appends its `leave` if it had joined. Idempotent.
   * @param detail goes with the reason to the listeners
   */
  closeSession(ref: SessionRef, reason: SessionEndReason, detail?: string): Promise<void>;

  /** Appends messages of joined sessions; one answer per draft, in order. */
  append(room: string, drafts: readonly MessageDraft[]): Promise<readonly AppendAnswer[]>;

  /** Appends an announcement. */
  announce(room: string, message: string): Promise<LogPlace>;

  /**
   * Takes the text out of a message or announcement, and appends the `redaction` that says so [LOG-4]. Idempotent. Once it
   * has resolved the store has the text nowhere in what it may give to anybody, also not in the answer to its key, which is given
   * to any text from then on. What is left of it in the bytes of a file goes within a minute, or with the next start.
   */
  redact(room: string, target: number): Promise<RedactAnswer>;

  /** The session with this token, if it lives, for a process that did not create it [SES-8]: it is in use from now on. */
  findSession(room: string, tokenHash: string): Promise<SessionRecord | null>;

  /**
   * Resolves once the room's listeners here know what any process knew when this was called: only a store that others use, too,
   * can be behind.
   */
  catchUp?(room: string): Promise<void>;

  /**
   * How the session of a token ended, if that was lately and in another process: only a store that others use, too, can know
   * more than this one.
   */
  endingOf?(room: string, tokenHash: string): Promise<KnownEnding | null>;

  /**
   * Says that tokens were used: their `createKey`s end, and joined sessions are not idle. A reserved one is
   * idle from its opening on, whatever it does [SES-3].
   */
  touch(sessions: readonly SessionTouch[]): Promise<void>;

  /** Keeps what is known now of the user of a session; passed over if it is gone, or another's. */
  renewUser(ref: SessionRef, user: User): Promise<void>;

  /** Keeps positions of sessions, so that they survive the process; those of sessions that are gone are passed over. */
  savePositions(positions: readonly SessionPosition[]): Promise<void>;

  /**
   * Of `candidates`, and of sessions that no process holds, those that nobody touched for `idleMs`. Each
   * is given to one caller, who closes it; one that is not closed is given again after `idleMs`. Of many that no
   * process holds some are given at a time: who wants the others asks again.
   * @param unheld of those that no process holds, only the ones opened with this delivery
   */
  expired(
    candidates: readonly SessionRef[],
    idleMs: number,
    unheld?: Delivery,
  ): Promise<readonly SessionRef[]>;

  /** Drops what is older than is kept; called once per reaper interval. */
  trim(): void;

  /** Commits what was asked for, then frees everything. Later operations reject. */
  close(): Promise<void>;
}

/** What metrics, logs and tests listen to. An observer must not throw. */

import type { Sent } from './callback-adapter.ts';
import type { EndReason, SessionEndReason } from './endings.ts';
import type { EncodedEvent } from './events.ts';
import type { Delivery, StoreStatus } from './store.ts';

/** A session as an observer sees it. */
export interface ObservedSession {
  readonly sessionId: string;
  readonly name: string;
  readonly room: { readonly name: string };
}

/** A session at its end. What was sent to its client is what this process has sent. */
export interface EndedSession extends ObservedSession {
  readonly delivery: Delivery;
  /** Wall milliseconds: of its creation, of the last accepted request, and of the last answer or bytes that were taken. */
  readonly createdAt: number;
  readonly lastInbound: number;
  readonly lastOutbound: number;
  /** Wall milliseconds. */
  readonly endedAt: number;
  readonly sent: Sent;
}

/** What an operator has done, or somebody who is none has tried. */
export interface AdminDeed {
  readonly act:
    | 'refused'
    | 'session removed'
    | 'room read'
    | 'announced'
    | 'message redacted'
    | 'banned'
    | 'ban lifted'
    | 'room closed'
    | 'room reopened';
  /** Of whoever did it. */
  readonly address: string;
  readonly sessionId?: string;
  readonly room?: string;
  readonly name?: string;
  readonly userId?: string;
  /** Of a ban. */
  readonly banId?: string;
  readonly kind?: string;
  /** Who is banned, quoted. */
  readonly value?: string;
  /** When the ban ends, in wall milliseconds; never, if it is missing. */
  readonly until?: number;
  /** What he said about it, quoted. */
  readonly reason?: string;
  /** Of the announcement or redaction that was appended. */
  readonly eventId?: number;
  /** What was redacted. */
  readonly target?: number;
  /** The store did not say whether it happened. */
  readonly isUncertain?: true;
}

/** What there is too much of. */
export const overloadCauses = ['loop-delay', 'memory'] as const;
export type OverloadCause = (typeof overloadCauses)[number];

/** What a process bears. */
export interface Strain {
  /** How late its event loop is. */
  readonly loopDelayMs: number;
  /** What it takes of the machine's memory. */
  readonly rssBytes: number;
  readonly heapBytes: number;
}

export interface RoomObserver {
  /** A room in use here has a batch, whoever committed it. */
  committed?(room: string, batch: readonly EncodedEvent[]): void;
  /** A pass has written to every stream of a room that takes it, `ms` after the oldest batch of it came. */
  fannedOut?(room: string, ms: number): void;
  /** The store has committed what it was asked for, in so many milliseconds. */
  storeCommitted?(ms: number): void;
  /**
   * The log of a room in use here begins anew. `isLost`: the store has lost what it was, or another has taken its place;
   * otherwise more of it was missed here than is kept.
   */
  logReplaced?(room: string, isLost: boolean): void;
  sessionCreated?(session: ObservedSession): void;
  /** A session that was created elsewhere, or before a restart, is served here from now on. */
  sessionResumed?(session: ObservedSession): void;
  sessionEnded?(session: EndedSession, reason: SessionEndReason): void;
  /** @param isResumed whether it goes on from a cursor */
  streamOpened?(room: string, isResumed: boolean): void;
  /** `reason` is `closed` if the connection went away by itself. */
  streamEnded?(room: string, reason: EndReason | 'closed'): void;
  /** A client was told of a gap of `lost` events. */
  gapTold?(room: string, lost: number | null): void;
  /** The store went away or came back; `why` it went, if that is known. */
  storeStatus?(status: StoreStatus, why?: string): void;
  /** A connection to the store was lost and is back. */
  storeReconnected?(why: string | undefined): void;
  /** The store is set up to lose what it was given; how, and what to do, in a line that begins with the option. */
  storeRisk?(line: string): void;
  /** The process stops, and the store has not committed that so many sessions have ended: they go on with the next one. */
  closingsLost?(count: number): void;
  /** The session manager could not be told of so many beginnings and ends of sessions. */
  notificationsDropped?(count: number): void;
  /** From now on nobody new is let in because of `cause`; or, if that is undefined, newcomers are let in again. */
  overload?(cause: OverloadCause | undefined, strain: Strain): void;
  /** For the audit log. */
  administered?(deed: AdminDeed): void;
  /** Something failed that nobody waits for; `doing` says what was being done. */
  fault?(error: unknown, doing: string): void;
}

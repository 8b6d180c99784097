/** What the store and its thread say to each other. */

import type { User } from '../../core/authenticator.ts';
import type { SessionEndReason } from '../../core/endings.ts';
import type { HistoryLimits } from '../../core/event-log.ts';
import type { Restriction, RestrictionDraft } from '../../core/restriction.ts';
import type {
  AppendAnswer,
  LogPlace,
  MessageDraft,
  OpenAnswer,
  RedactAnswer,
  SessionClaim,
  SessionPosition,
  SessionRecord,
  SessionRef,
} from '../../core/store.ts';
import type { RestrictionChange } from '../restriction-book.ts';
import type { RoomChanges } from '../room-ledger.ts';
import type { Synchronous } from './database.ts';
import type { Survivor } from './survivors.ts';

/** How a file is kept. */
export interface ThreadOptions {
  readonly path: string;
  readonly synchronous: Synchronous;
  readonly history: HistoryLimits;
  readonly maxTotalBytes: number;
}

/** What the thread is started with. */
export interface ThreadData extends ThreadOptions {
  /** Shared: 1 while the thread works. */
  readonly isBusy: Int32Array;
}

/** Every operation: what it is asked with, and what it answers. */
export interface Operations {
  load: { ask: { room: string }; answer: LoadAnswer };
  /** Nobody listens to the room any more. */
  unload: { ask: { room: string }; answer: undefined };
  open: { ask: { claim: SessionClaim; join: boolean; maxMembers: number }; answer: OpenAnswer };
  join: { ask: SessionRef; answer: boolean };
  close: { ask: SessionRef & { reason: SessionEndReason; detail: string | undefined }; answer: undefined };
  append: { ask: { room: string; drafts: readonly MessageDraft[] }; answer: AppendAnswer[] };
  announce: { ask: { room: string; message: string }; answer: LogPlace };
  redact: { ask: { room: string; target: number }; answer: RedactAnswer };
  find: { ask: { room: string; tokenHash: string }; answer: SessionRecord | null };
  touch: { ask: { sessions: readonly SessionRef[] }; answer: undefined };
  renew: { ask: SessionRef & { user: User }; answer: undefined };
  save: { ask: { positions: readonly SessionPosition[] }; answer: undefined };
  expired: { ask: { candidates: readonly SessionRef[]; idleMs: number }; answer: SessionRef[] };
  restrictions: { ask: Record<never, never>; answer: readonly Restriction[] };
  restrict: { ask: { draft: RestrictionDraft; forMs: number | null }; answer: Restriction | null };
  lift: { ask: { id: string }; answer: boolean };
  /** One step of retention; answers whether there is more to do. */
  trim: { ask: Record<never, never>; answer: boolean };
  /** Writes something, to see whether that works again. */
  probe: { ask: Record<never, never>; answer: undefined };
}

export type OperationName = keyof Operations;
export type Operation = { [N in OperationName]: { readonly name: N } & Operations[N]['ask'] }[OperationName];
export type OperationAnswer = Operations[OperationName]['answer'];

/** A room's log as it goes over: events as lines of JSON, in blocks that are read one per turn. */
export interface LoadAnswer {
  readonly epoch: string;
  readonly baseId: number;
  readonly users: readonly string[];
  readonly blocks: readonly Uint8Array<ArrayBuffer>[];
}

export interface PublishedChanges extends RoomChanges {
  readonly room: string;
}

export type ToThread =
  | { readonly type: 'run'; readonly operations: readonly Operation[] }
  | { readonly type: 'close' };

export type FromThread =
  /**
   * `survivors` are the sessions that were there already; `isLost`: what was committed last is not; unless `isWritable`,
   * it can only be read for now.
   */
  | {
      readonly type: 'opened';
      readonly survivors: readonly Survivor[];
      readonly isLost: boolean;
      readonly isWritable: boolean;
    }
  | { readonly type: 'refused'; readonly message: string }
  | {
      readonly type: 'ran';
      readonly answers: readonly OperationAnswer[];
      /** In words, what kept some operations from being carried out, by their index. */
      readonly bugs: ReadonlyMap<number, string>;
      readonly changes: readonly PublishedChanges[];
      readonly restrictions: readonly RestrictionChange[];
      /** Whether anything was written. */
      readonly isWritten: boolean;
    }
  /** Nothing of it took effect; if the file is damaged, nothing will again. */
  | { readonly type: 'failed'; readonly message: string; readonly isDamaged: boolean }
  /** Something beside the operations failed. */
  | { readonly type: 'fault'; readonly message: string; readonly doing: string };

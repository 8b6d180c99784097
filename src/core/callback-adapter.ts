/**
 * What a session's client is reached through, one class per delivery model: a waiting poll (pull) or a
 * stream (push). The room and the session know these two interfaces and no transport.
 */

import type { Ending } from './endings.ts';
import type { EncodedEvent } from './events.ts';

/** What a room calls for each committed batch: synchronously, so it must be quick. */
export interface RoomListener {
  /** The batch is in the log already: who holds a position may read from there. */
  deliver(batch: readonly EncodedEvent[]): void;
  /** The log is another one: positions in the one before may be out of reach. */
  replaced?(): void;
  /** `deliver` threw: the listener is no longer called [SES-12]. */
  fail(error: unknown): void;
}

/** How far a client is behind. */
export interface Lag {
  /** Queued for its connections. */
  readonly bytes: number;
  /** Not written yet to the one that is furthest behind. */
  readonly events: number;
}

/** What a client was sent. */
export interface Sent {
  readonly bytes: number;
  readonly events: number;
}

/** What a session plugs in while a client waits for events through it. */
export interface ChatRoomCallbackAdapter {
  /** Whether it counts as activity of its session at this moment [SES-6]. */
  readonly isActive: boolean;
  /** When its client last took bytes, in monotonic milliseconds; undefined if whoever answers notes that. */
  readonly reachedAt: number | undefined;
  /** Whether it is a stream, whose failing may end a session that never expires [SES-7]. */
  readonly isStream: boolean;
  /** Of a stream. */
  readonly lag?: Lag;
  /** What went through it so far; missing if whoever answers notes that. */
  readonly sent?: Sent;
  /** Tells the client a notice. False if it cannot now: then the notice waits in the session. */
  notify(notice: string): boolean;
  /** Tells the client why nothing more comes, and lets go of it. Called at most once. */
  end(ending: Ending): void;
}

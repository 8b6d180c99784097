/**
 * What an application that embeds Parlor may plug in. A hook that throws: `authorize` and `validate…`
 * refuse with `internal`; the notifications are logged only [SES-12].
 */

import type { User } from './authenticator.ts';
import type { SessionEndReason } from './endings.ts';

/** Released when a session ends, or when its process stops. */
export type Disposable = () => void | Promise<void>;

/** A session as an embedding application sees it. */
export interface SessionHandle {
  readonly sessionId: string;
  /** Null if nobody vouched for the client. */
  readonly user: User | null;
  readonly name: string;
  readonly room: string;
  /** Where the client was first seen by this process; undefined as long as it was not, and for a member in the process. */
  readonly address: string | undefined;
  /** The last accepted request, in wall milliseconds. */
  readonly lastInbound: number;
  /** The last answer finished, or bytes taken by a drained socket, in wall milliseconds. */
  readonly lastOutbound: number;
  /** True from the decision to destroy on. */
  readonly isClosed: boolean;
  /**
   * Ends the session.
   * @param detail what its client is told about it, as it is
   * @returns false if it was gone already
   */
  destroy(reason?: SessionEndReason, detail?: string): Promise<boolean>;
  /**
   * Tells this client something, outside the log: `event: notice` on its streams, or `notices` in its next `getUpdates`. If the
   * client is not there, the last 16 wait for it. It comes at most once: what is lost on the way is not told again.
   * @param data what JSON can say, in at most 16,384 characters
   * @returns false if the session has ended
   * @throws TypeError, RangeError if that is no such data
   */
  notify(data: unknown): boolean;
  /** Binds something to the session: it lives as long, and no longer than the process. Disposed at once if the session is gone. */
  use(disposable: Disposable): void;
}

/** What a client may be allowed or not. */
export const operations = [
  'getSession',
  'ping',
  'getInitialUsers',
  'getUpdates',
  'send',
  'subscribe',
  'history',
  'feed',
  'getRoom',
] as const;
export type Operation = (typeof operations)[number];

/** What an operation is asked with. */
export interface OperationInput {
  readonly sessionId: string;
  readonly room: string;
  readonly name: string;
  readonly message?: string;
}

/** How a session came to a process. */
export interface Arrival {
  /** Whether it was created by another process, or by this one before a restart [SES-8]. */
  readonly resumed: boolean;
  /** The sessionId of the same user whose place it has taken, if there was one [SES-10]. */
  readonly replaced?: string;
}

export interface Hooks {
  /** Called once in each process that serves the session: what it bound to the session elsewhere is gone. */
  onSessionCreated?(handle: SessionHandle, arrival: Arrival): void | Promise<void>;
  /** `detail` is what whoever ended the session said about it. */
  onSessionDestroyed?(
    user: User | null,
    sessionId: string,
    reason: SessionEndReason,
    detail?: string,
  ): void | Promise<void>;
  /** Asked on every request of a session; entitlements may change while it lasts. False refuses. */
  authorize?(user: User | null, operation: Operation, input: OperationInput): boolean | Promise<boolean>;
  /** A sentence refuses the name; undefined accepts it. */
  validateName?(user: User | null, name: string): string | undefined | Promise<string | undefined>;
  /** A sentence refuses the message; undefined accepts it. */
  validateMessage?(
    user: User | null,
    room: string,
    text: string,
  ): string | undefined | Promise<string | undefined>;
}

/** With what those are told who watch over sessions from within. */
export interface WatchedHooks extends Hooks {
  /** The user of an open session was vouched for anew: for longer, for less long, or by something else. */
  onUserRenewed?(handle: SessionHandle): void;
}

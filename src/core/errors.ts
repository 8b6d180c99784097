/**
 * What can go wrong in a room, as one table of stable codes. The domain raises `ChatError`s; which HTTP
 * status a code has is decided in one place outside (`http/errors.ts`).
 */

/** Every error code, each with when it is raised. Codes are stable: clients may rely on them. */
export const errorCodes = {
  'invalid-request': 'the shape of a request is wrong',
  'invalid-name': 'a name is unacceptable',
  'invalid-message': 'a message is unacceptable',
  'key-reused': 'a key that was used before comes with another text',
  'name-in-use': 'somebody else in the room has this name, or one that looks the same',
  'not-joined': 'a message is sent before joining',
  'credentials-required': 'no session credential (or no password) was given, or not the right one',
  'permission-denied': 'the authenticator or a hook said no, somebody is banned, or the room is closed',
  'cross-origin': 'a browser sends the request from a page of another origin that is not allowed to',
  'session-gone': 'the session was destroyed, has expired or never was',
  'room-not-found': 'there is no room of this name',
  'not-found': 'there is nothing at this address',
  'method-not-allowed': 'the address exists, but not for this method',
  'rate-limited': 'a limit is exceeded; the detail names it',
  'payload-too-large': 'a body exceeds the limit',
  'unsupported-media-type': 'a body is of a type that is not read here',
  'request-timeout': 'a request did not arrive in time',
  'headers-too-large': 'the head of a request exceeds the limit',
  unavailable: 'the server is full, draining, or its store is out of reach; retrying later may help',
  internal: 'a fault of the server',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCodes;

/** A limit: so many at the same time. */
export interface PlaceLimit {
  /** The option that sets the limit. */
  readonly option: string;
  readonly count: number;
}

/** A limit: so many per window. What exceeds it is refused with `rate-limited`. */
export interface RateLimit {
  /** The option that sets the limit, for example `SEND_LIMIT`. */
  readonly option: string;
  /** How many are allowed per window. */
  readonly count: number;
  /** The window, in seconds. */
  readonly seconds: number;
}

/** What an error may carry beside code and detail. */
export interface ChatErrorExtras {
  /** Why the session ended, with `session-gone`. */
  readonly reason?: string;
  /** What the client should do about it, with `session-gone`. */
  readonly action?: string;
  /** What whoever ended the session said about it, with `session-gone`. */
  readonly endingDetail?: string;
  /** When retrying may succeed, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** The limit that was exceeded, with `rate-limited`. */
  readonly limit?: RateLimit | PlaceLimit;
  /** The option that says how much there may be where all of it is taken, with `unavailable`. For counters and logs; clients are not told. */
  readonly full?: string;
  readonly cause?: unknown;
}

/** A refusal with a stable code and a sentence for a human: what was expected and what came. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ErrorCode;
  readonly extras: ChatErrorExtras;

  /**
   * @param code one of the table above
   * @param detail a full sentence; text of clients in it must have gone through `quote`
   */
  constructor(code: ErrorCode, detail: string, extras: ChatErrorExtras = {}) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.extras = extras;
  }
}

/** Whether something failed only for now: trying again later may help. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof ChatError && error.code === 'unavailable';
}

/** What Node, the system or a library calls an error: `EPIPE`, for example; undefined if it has no such name. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

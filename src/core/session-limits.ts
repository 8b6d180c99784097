/** What one session may do how often. What is counted comes into being when it is first needed. */

import type { Clock } from './clock.ts';
import { ChatError, type ErrorCode, type RateLimit } from './errors.ts';
import { rateLimited, TokenBucket } from './rate-limit.ts';

/** When a place may be free again, where the server or a room is full. */
export const fullRetryMs = 5_000;

/** Null lifts a limit. */
export interface SessionLimits {
  /** Of UTF-8. */
  readonly maxMessageBytes: number;
  /** Streams and waiting polls. */
  readonly maxStreams: number;
  readonly send: RateLimit | null;
  readonly updates: RateLimit | null;
  /** How many refused sends in how long end a session as `flooding`. */
  readonly floodStrikes: RateLimit | null;
  /** Null: a session does not expire. */
  readonly timeoutMs: number | null;
}

/** What is left of a limit. */
export interface Allowance {
  readonly limit: RateLimit;
  readonly count: number;
  /** In so many milliseconds all of it is there again. */
  readonly fullMs: number;
}

// The refusals of a send that count as strikes.
const strikes: ReadonlySet<ErrorCode> = new Set(['rate-limited', 'invalid-message', 'key-reused']);

/** Whether what a send has thrown counts as a strike. */
export function isStrike(error: unknown): boolean {
  return error instanceof ChatError && strikes.has(error.code);
}

export class SessionUsage {
  readonly #limits: SessionLimits;
  readonly #clock: Clock;
  #sends: TokenBucket | undefined;
  #updates: TokenBucket | undefined;
  // Monotonic milliseconds of the latest strikes, oldest first; at most `floodStrikes.count`.
  #strikes: number[] | undefined;

  constructor(limits: SessionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Counts a send. Returns its refusal if there is no room for it. */
  takeSend(): ChatError | undefined {
    const limit = this.#limits.send;
    if (!limit) return undefined;
    const now = this.#clock.monotonic();
    this.#sends ??= new TokenBucket(limit, now);
    const waitMs = this.#sends.take(limit, now);
    return waitMs > 0 ? rateLimited(limit, waitMs) : undefined;
  }

  /** What is left of the limit of sends; undefined if there is none, or nothing was sent yet. */
  sendsLeft(): Allowance | undefined {
    const limit = this.#limits.send;
    if (!limit || !this.#sends) return undefined;
    return { limit, ...this.#sends.left(limit, this.#clock.monotonic()) };
  }

  /** Counts a send off that turned out to be a repeat. */
  giveBackSend(): void {
    if (this.#limits.send) this.#sends?.giveBack(this.#limits.send);
  }

  /** Counts a reading request. Returns its refusal if there is no room for it. */
  takeUpdate(): ChatError | undefined {
    const limit = this.#limits.updates;
    if (!limit) return undefined;
    const now = this.#clock.monotonic();
    this.#updates ??= new TokenBucket(limit, now);
    const waitMs = this.#updates.take(limit, now);
    return waitMs > 0 ? rateLimited(limit, waitMs) : undefined;
  }

  /** Counts a refused send. Whether there were too many of them. */
  strike(): boolean {
    const limit = this.#limits.floodStrikes;
    if (!limit) return false;
    const now = this.#clock.monotonic();
    const horizon = now - limit.seconds * 1000;
    const recent = (this.#strikes ?? []).filter((at) => at > horizon);
    recent.push(now);
    this.#strikes = recent;
    return recent.length >= limit.count;
  }
}

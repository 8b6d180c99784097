/** Token buckets: so many at once, refilled evenly over the window. Time is an argument. */

import { ChatError, type RateLimit } from './errors.ts';

// Sums of fractions fall short by a hair: whoever waited as long as he was told is let in.
const oneToken = 1 - 1e-6;

/** One bucket; its limit is an argument so that a bucket is two numbers. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(limit: RateLimit, nowMs: number) {
    this.#tokens = limit.count;
    this.#at = nowMs;
  }

  /** Takes one token. Returns 0, or the milliseconds until there is one. */
  take(limit: RateLimit, nowMs: number): number {
    const waitMs = this.waitMs(limit, nowMs);
    if (waitMs === 0) this.#tokens -= 1;
    return waitMs;
  }

  /** Returns 0 if there is a token, or the milliseconds until there is one. */
  waitMs(limit: RateLimit, nowMs: number): number {
    this.#refill(limit, nowMs);
    if (this.#tokens >= oneToken) return 0;
    return Math.ceil(((oneToken - this.#tokens) * limit.seconds * 1000) / limit.count);
  }

  /** Takes one token even if there is none: then it is owed. At most a bucketful is. */
  charge(limit: RateLimit, nowMs: number): void {
    this.#refill(limit, nowMs);
    this.#tokens = Math.max(-limit.count, this.#tokens - 1);
  }

  /** How many may be taken now, and in how many milliseconds all may be again. */
  left(limit: RateLimit, nowMs: number): { readonly count: number; readonly fullMs: number } {
    this.#refill(limit, nowMs);
    return {
      count: Math.max(0, Math.floor(this.#tokens + 1 - oneToken)),
      fullMs: ((limit.count - this.#tokens) * limit.seconds * 1000) / limit.count,
    };
  }

  /** Returns a token that turned out not to be owed. */
  giveBack(limit: RateLimit): void {
    this.#tokens = Math.min(limit.count, this.#tokens + 1);
  }

  /** Whether the bucket is as good as a new one. */
  isFull(limit: RateLimit, nowMs: number): boolean {
    this.#refill(limit, nowMs);
    return this.#tokens >= limit.count;
  }

  #refill(limit: RateLimit, nowMs: number): void {
    const gained = ((nowMs - this.#at) * limit.count) / (limit.seconds * 1000);
    this.#tokens = Math.min(limit.count, this.#tokens + gained);
    this.#at = nowMs;
  }
}

/** The refusal that names a limit and says when to come back. */
export function rateLimited(limit: RateLimit, retryAfterMs: number): ChatError {
  return new ChatError(
    'rate-limited',
    `${limit.option} allows ${limit.count} per ${limit.seconds} s. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    { limit, retryAfterMs },
  );
}

// Beyond this many keys the least recently used bucket is forgotten, which can only be in its key's favour.
const maxKeys = 100_000;

/** Buckets by key, for example by address. */
export class KeyedRateLimit {
  readonly #limit: RateLimit | null;
  readonly #refusal: typeof rateLimited;
  readonly #buckets = new Map<string, TokenBucket>();

  /**
   * @param limit null lifts it
   * @param refusal what is thrown over it
   */
  constructor(limit: RateLimit | null, refusal = rateLimited) {
    this.#limit = limit;
    this.#refusal = refusal;
  }

  /** @throws ChatError `rate-limited` */
  take(key: string, nowMs: number): void {
    const limit = this.#limit;
    if (!limit) return;
    const retryAfterMs = this.#use(key, limit, nowMs).take(limit, nowMs);
    if (retryAfterMs > 0) throw this.#refusal(limit, retryAfterMs);
  }

  /** Returns what `take` took, if it turns out not to be owed. */
  giveBack(key: string): void {
    if (this.#limit) this.#buckets.get(key)?.giveBack(this.#limit);
  }

  /**
   * Takes nothing: for what is charged only if it turns out to be owed.
   * @throws ChatError `rate-limited`
   */
  check(key: string, nowMs: number): void {
    const limit = this.#limit;
    const retryAfterMs = limit ? (this.#buckets.get(key)?.waitMs(limit, nowMs) ?? 0) : 0;
    if (limit && retryAfterMs > 0) throw this.#refusal(limit, retryAfterMs);
  }

  /** Charges what `check` has let through, also if others have emptied the bucket since. */
  charge(key: string, nowMs: number): void {
    if (this.#limit) this.#use(key, this.#limit, nowMs).charge(this.#limit, nowMs);
  }

  /** Forgets the buckets that are full again. */
  sweep(nowMs: number): void {
    if (!this.#limit) return;
    for (const [key, bucket] of this.#buckets) {
      // In the order of use, one that is not full means that most behind it are not either.
      if (!bucket.isFull(this.#limit, nowMs)) return;
      this.#buckets.delete(key);
    }
  }

  #use(key: string, limit: RateLimit, nowMs: number): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(limit, nowMs);
    // The order of the map is the order of use.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > maxKeys) this.#forgetOldest();
    return bucket;
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}

/**
 * Bounds how often somebody may guess: so many logins may fail under one name, whether there is a user of that name or
 * not. An attempt is counted before it is judged, so that many at once are no way around the bound, and given back
 * unless it was refused.
 */

import { ChatError, type RateLimit } from '../core/errors.ts';
import { KeyedRateLimit } from '../core/rate-limit.ts';

const failuresPerMinute: RateLimit = { option: 'AUTH', count: 10, seconds: 60 };

export class LoginFailures extends KeyedRateLimit {
  constructor() {
    super(failuresPerMinute, tooMany);
  }

  /**
   * Judges one attempt.
   * @param key of the name
   * @param judge answers undefined to refuse
   * @throws ChatError `rate-limited`, and whatever `judge` throws, which then counts as no failure
   */
  async count<T>(key: string, nowMs: number, judge: () => Promise<T | undefined>): Promise<T | undefined> {
    this.take(key, nowMs);
    let isRefused = false;
    try {
      const judged = await judge();
      isRefused = judged === undefined;
      return judged;
    } finally {
      if (!isRefused) this.giveBack(key);
    }
  }
}

function tooMany(limit: RateLimit, retryAfterMs: number): ChatError {
  const { count, seconds } = limit;
  const again = Math.ceil(retryAfterMs / 1000);
  return new ChatError(
    'rate-limited',
    `Too many logins have failed under this name: ${count} may within ${seconds} s. Try again in ${again} s.`,
    { limit, retryAfterMs },
  );
}

/** Redis' clock, as its answers tell it: what it dates is judged by it, however wrong the clock of this machine is. */

import type { Redis } from 'ioredis';
import type { Time } from '../../core/clock.ts';

// Answers that are later than this are rare; a clock that was set is off by more.
const steppedMs = 1_000;

export class RedisTime {
  readonly #time: Time;
  /** How far it is ahead of the monotonic clock here. */
  #aheadMs: number | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  wall(): number {
    return this.#aheadMs === undefined ? this.#time.wall() : this.#time.monotonic() + this.#aheadMs;
  }

  /** What Redis says is late by the way of the answer, so that the latest of its times is the truest. */
  note(nowMs: number): void {
    const aheadMs = nowMs - this.#time.monotonic();
    const isStepped = Math.abs(aheadMs - (this.#aheadMs ?? 0)) > steppedMs;
    if (this.#aheadMs === undefined || aheadMs > this.#aheadMs || isStepped) this.#aheadMs = aheadMs;
  }
}

/** Milliseconds since 1970, as Redis believes. */
export async function redisNow(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

/**
 * Which rooms are in use by no instance, so that what is left in them is swept by somebody: an instance says of the rooms that
 * it uses so, and nobody is charged for a room that others use.
 */

import type { Redis } from 'ioredis';
import { redisNow } from './redis-time.ts';
import { indexKey } from './room-keys.ts';

const roomsAtOnce = 16;

export class RoomIndex {
  readonly #key: string;

  constructor(prefix: string) {
    this.#key = indexKey(prefix);
  }

  /** Notes that rooms are in use now. */
  async mark(redis: Redis, rooms: readonly string[]): Promise<void> {
    if (rooms.length === 0) return;
    const now = await redisNow(redis);
    await redis.zadd(this.#key, ...rooms.flatMap((room) => [now, room]));
  }

  /** Some rooms that nobody has used for so long. */
  async unused(redis: Redis, forMs: number): Promise<string[]> {
    const now = await redisNow(redis);
    return await redis.zrangebyscore(this.#key, '-inf', now - forMs, 'LIMIT', 0, roomsAtOnce);
  }

  async forget(redis: Redis, rooms: readonly string[]): Promise<void> {
    if (rooms.length > 0) await redis.zrem(this.#key, ...rooms);
  }
}

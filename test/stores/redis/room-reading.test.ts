import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { keysOf } from '../../../src/stores/redis/room-keys.ts';
import { type Ask, RoomReading } from '../../../src/stores/redis/room-reading.ts';
import { refused } from '../../support/domain.ts';

/** Reads a room in which nothing is kept, and which is of these epochs before and after its log was read. */
function reading(before: string, after: string): RoomReading {
  const ask: Ask = async (_room, name, _input, read) =>
    read(['7', ['Ada'], '0-0', '0'], { epoch: name === 'load' ? before : after, head: 7, pub: 1 });
  // Never connected: an empty log takes no command.
  const redis = new Redis({ lazyConnect: true });
  return new RoomReading({ room: 'lobby', keys: keysOf('parlor', 'lobby'), ask, redis: () => redis });
}

test('[LOG-2] a room that gets another epoch while it is read is not put together of both', async () => {
  const { log } = await reading('e1', 'e1').read();
  assert.deepEqual(log, { epoch: 'e1', baseId: 7, users: ['Ada'], events: [] });
  await assert.rejects(reading('e1', 'e2').read(), refused('unavailable'));
});

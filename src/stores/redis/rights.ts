/**
 * Asks at each new connection whether the user may do what the store will do: else rooms would fail one by one, by whatever
 * command comes first. Scripts tell only that something was forbidden; this one tells what.
 */

import type { Redis } from 'ioredis';
import { listOf, type Reply, textOf } from './reply.ts';

// Each on a key of its own that is gone afterwards, with arguments that fit: what Redis says of rights it says after those.
const script = `
local forbidden = {}
local function try(...)
  local reply = redis.pcall(...)
  local refusal = type(reply) == 'table' and reply.err
  if refusal and (string.find(refusal, "can't", 1, true) or string.find(refusal, 'NOPERM', 1, true)) then
    forbidden[#forbidden + 1] = (...)
  end
end
local hash, zset, stream = KEYS[1], KEYS[2], KEYS[3]
try('hset', hash, 'a', '1')
try('hincrby', hash, 'a', 1)
for _, command in ipairs({'hget', 'hmget', 'hexists', 'hdel'}) do try(command, hash, 'a') end
for _, command in ipairs({'hvals', 'hgetall', 'hlen', 'exists'}) do try(command, hash) end
try('zadd', zset, 1, 'a')
try('zscore', zset, 'a')
try('zrange', zset, 0, -1)
try('zrangebyscore', zset, 0, 1)
try('zrem', zset, 'a')
try('xadd', stream, '1-0', 'a', '1')
try('xlen', stream)
try('xrange', stream, '-', '+')
try('xrevrange', stream, '+', '-')
try('xdel', stream, '1-0')
try('pexpire', hash, 1000)
try('publish', ARGV[1], '')
try('del', hash, zset, stream)
return forbidden
`;

/** @throws Error that begins with NOPERM if the user may not run all the commands */
export async function requireRights(redis: Redis, prefix: string): Promise<void> {
  const keys = ['hash', 'zset', 'stream'].map((name) => `${prefix}:{:probe}:${name}`);
  const sha = (await redis.script('LOAD', script)) as string;
  const forbidden = (await redis.evalsha(sha, keys.length, ...keys, probeChannel(prefix))) as Reply;
  const names = listOf(forbidden).map(textOf);
  if (names.length > 0) {
    throw new Error(
      `NOPERM this user has no permissions to run ${names.join(', ')} on what begins with ${prefix}:`,
    );
  }
}

/** @throws Error that begins with NOPERM if the user may not listen to the channels */
export async function requireListening(redis: Redis, prefix: string): Promise<void> {
  await redis.subscribe(probeChannel(prefix));
  await redis.unsubscribe(probeChannel(prefix));
}

/** Nothing is said here that anybody needs. */
function probeChannel(prefix: string): string {
  return `${prefix}:{:probe}:channel`;
}

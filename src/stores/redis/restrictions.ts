/**
 * Bans and closed rooms in Redis: one hash, one channel, and the times at which they end. Changes are numbered, so that an
 * instance knows when it has missed one; then it reads them all again.
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../../core/clock.ts';
import {
  maxRestrictions,
  type Restriction,
  type RestrictionDraft,
  type RestrictionListener,
} from '../../core/restriction.ts';
import { Deferred } from '../deferred.ts';
import type { RestrictionChange } from '../restriction-book.ts';
import { RestrictionListeners } from '../restriction-listeners.ts';
import { explained } from './failures.ts';
import { listOf, numberOf, type Reply, textOf } from './reply.ts';
import { restrictionKeys } from './room-keys.ts';

interface RestrictionsOptions {
  readonly prefix: string;
  readonly clock: Clock;
  /** @throws ChatError `unavailable` while Redis is away */
  readonly redis: () => Redis;
  /** Listens to a channel from now on, also on connections to come. */
  readonly subscribe: (channel: string) => Promise<void>;
  readonly onFault: (error: unknown, doing: string) => void;
}

/** How many changes there were, and since when: Redis may have lost them all, and count anew. */
interface Version {
  readonly epoch: string;
  readonly number: number;
}

interface Waiter {
  readonly version: Version;
  readonly done: Deferred<void>;
}

// So long an answer waits for this instance's own listeners to be told.
const tellMs = 1_000;
const expiredAtOnce = 100;
const atOnce = 64;

const script = `
local BOOK, ENDS, META = KEYS[1], KEYS[2], KEYS[3]
local call = redis.call
local clock = call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function tell(change)
  local version = call('HINCRBY', META, 'version', 1)
  change.version = string.format('%.0f', version)
  if version == 1 then call('HSET', META, 'epoch', clock[1] .. '-' .. clock[2]) end
  change.epoch = call('HGET', META, 'epoch') or ''
  call('PUBLISH', ARGV[1], cjson.encode(change))
end
local function remove(id)
  if call('HDEL', BOOK, id) == 0 then return 0 end
  call('ZREM', ENDS, id)
  tell({removed = id})
  return 1
end
local function trim()
  for _, id in ipairs(call('ZRANGEBYSCORE', ENDS, '-inf', now, 'LIMIT', 0, ${expiredAtOnce})) do remove(id) end
end
local answer = ''
if ARGV[2] == 'put' then
  local id, draft, forMs = ARGV[3], ARGV[4], ARGV[5]
  if call('HEXISTS', BOOK, id) == 0 and call('HLEN', BOOK) >= ${maxRestrictions} then trim() end
  if call('HEXISTS', BOOK, id) == 1 or call('HLEN', BOOK) < ${maxRestrictions} then
    local ends = forMs ~= '' and string.format('%.0f', now + tonumber(forMs)) or ''
    local kept = {draft, string.format('%.0f', now), ends}
    call('HSET', BOOK, id, cjson.encode(kept))
    if ends == '' then call('ZREM', ENDS, id) else call('ZADD', ENDS, ends, id) end
    tell({put = kept})
    answer = kept
  end
elseif ARGV[2] == 'remove' then
  answer = tostring(remove(ARGV[3]))
elseif ARGV[2] == 'trim' then
  trim()
elseif ARGV[2] == 'all' then
  answer = call('HVALS', BOOK)
end
return {call('HGET', META, 'epoch') or '', call('HGET', META, 'version') or '0', answer}
`;

export class RedisRestrictions {
  readonly channel: string;
  readonly #options: RestrictionsOptions;
  readonly #keys: readonly string[];
  readonly #listeners = new RestrictionListeners();
  readonly #waiters = new Set<Waiter>();
  /** Of the last change that was told; undefined until all were read. */
  #version: Version | undefined;
  #reading: Promise<readonly Restriction[]> | undefined;
  #isWatched = false;
  #underWay = 0;
  #turn = new Deferred<void>();
  #scriptHash = '';

  constructor(options: RestrictionsOptions) {
    const { keys, channel } = restrictionKeys(options.prefix);
    this.#options = options;
    this.#keys = keys;
    this.channel = channel;
  }

  /** Makes a new connection ready. */
  async greet(client: Redis): Promise<void> {
    this.#scriptHash = (await client.script('LOAD', script)) as string;
  }

  async watch(listener: RestrictionListener): Promise<() => void> {
    if (!this.#isWatched) await this.#options.subscribe(this.channel);
    this.#isWatched = true;
    return this.#listeners.add(listener, await this.#read());
  }

  async put(draft: RestrictionDraft, forMs: number | null): Promise<Restriction | null> {
    const kept = await this.#run('put', draft.id, JSON.stringify(draft), forMs === null ? '' : `${forMs}`);
    return kept === '' ? null : restrictionOf(kept);
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#run('remove', id)) === '1';
  }

  /** Ends those whose time is over. */
  async trim(): Promise<void> {
    await this.#run('trim');
  }

  /** Something may have been missed. */
  heal(): void {
    if (!this.#isWatched) return;
    this.#version = undefined;
    this.#readAgain();
  }

  /** Takes what came through the channel. */
  take(text: string): void {
    const change = changeOf(text);
    const known = this.#version;
    if (known === undefined) return;
    const isNext = change?.version.epoch === known.epoch || known.number === 0;
    if (change && isNext && change.version.number <= known.number) return;
    if (change && isNext && change.version.number === known.number + 1) {
      this.#version = change.version;
      this.#listeners.tell([change.change]);
      this.#tellWaiters();
    } else {
      this.heal();
    }
  }

  #readAgain(): void {
    this.#read().then(
      (all) => this.#listeners.tellAll(all),
      // Redis is away; when it is back they are read.
      () => {},
    );
  }

  #read(): Promise<readonly Restriction[]> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<readonly Restriction[]> {
    const [epoch, number, all] = listOf(await this.#call('all'));
    const restrictions = listOf(all).flatMap((json) => {
      try {
        return [restrictionOf(JSON.parse(textOf(json)))];
      } catch (error) {
        this.#options.onFault(error, 'reading a restriction');
        return [];
      }
    });
    // Who was told of less hears the rest through the channel; a change that is told twice changes nothing.
    this.#version ??= versionOf(epoch, number);
    this.#tellWaiters();
    return restrictions;
  }

  /** Asks for a change; resolves once this instance has told of it. */
  async #run(...words: readonly string[]): Promise<Reply | undefined> {
    const [epoch, number, answer] = listOf(await this.#call(...words));
    await this.#told(versionOf(epoch, number));
    return answer;
  }

  async #call(...words: readonly string[]): Promise<Reply> {
    // One after the other in small groups: a command's time to answer begins when it is sent.
    while (this.#underWay >= atOnce) await this.#turn.promise;
    this.#underWay += 1;
    try {
      const redis = this.#options.redis();
      const hash = this.#scriptHash;
      return (await redis.evalsha(hash, this.#keys.length, ...this.#keys, this.channel, ...words)) as Reply;
    } catch (error) {
      throw explained(error);
    } finally {
      this.#underWay -= 1;
      this.#turn.resolve();
      this.#turn = new Deferred();
    }
  }

  async #told(version: Version): Promise<void> {
    if (!this.#isWatched || this.#isAt(version)) return;
    if (version.number < (this.#version?.number ?? 0)) this.heal();
    const waiter = { version, done: new Deferred<void>() };
    this.#waiters.add(waiter);
    const timer = this.#options.clock.after(tellMs, () => {
      waiter.done.resolve();
      this.heal();
    });
    await waiter.done.promise;
    timer.cancel();
    this.#waiters.delete(waiter);
  }

  #tellWaiters(): void {
    for (const { version, done } of this.#waiters) if (this.#isAt(version)) done.resolve();
  }

  #isAt({ epoch, number }: Version): boolean {
    return this.#version?.epoch === epoch && this.#version.number >= number;
  }
}

function versionOf(epoch: Reply | undefined, number: Reply | undefined): Version {
  return { epoch: textOf(epoch), number: numberOf(number) };
}

/** @param kept the draft as JSON, when it began and when it ends */
function restrictionOf(kept: Reply | undefined): Restriction {
  const [draft, createdAt, until] = listOf(kept).map(textOf);
  const { id, kind, value, room, reason } = JSON.parse(draft ?? '') as RestrictionDraft;
  return {
    id,
    kind,
    value,
    room,
    reason,
    createdAt: Number(createdAt),
    until: until === '' ? null : Number(until),
  };
}

/** Undefined if it is none. */
function changeOf(text: string): { version: Version; change: RestrictionChange } | undefined {
  try {
    const { epoch, version: number, put, removed } = JSON.parse(text) as Record<string, Reply>;
    const version = versionOf(epoch, number);
    if (put !== undefined) return { version, change: { type: 'put', restriction: restrictionOf(put) } };
    return { version, change: { type: 'removed', id: textOf(removed) } };
  } catch {
    return undefined;
  }
}

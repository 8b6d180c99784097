/**
 * One connection to Redis that comes back by itself. Nothing is queued while it is down and nothing is sent again without
 * being asked: what was under way is refused, and whoever asked decides.
 *
 * Redis answers in the order in which it is asked, so one question tells of all that came before: it is asked for a `PING`, and
 * again once that is answered. How long that takes is counted in looks (`#look`) and not by the clock: a process that
 * was kept from running for seconds finds the answers only after its timers, and must not take its own delay for one of Redis.
 */

import type { Redis, RedisOptions } from 'ioredis';
import type { Clock, Timer } from '../../core/clock.ts';
import { StoreRefusal } from '../store-refusal.ts';
import type { RedisAddress } from './address.ts';
import { refusalOf } from './failures.ts';
import { loadRedis } from './library.ts';

export interface LinkOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  /** Shown in Redis' list of clients. */
  readonly name: string;
  /** Makes a new connection ready; it counts as up once this resolves. */
  greet(client: Redis): Promise<void>;
  /** @param lost what the connection before was lost by; undefined for the first one, and if nobody knows */
  onUp(lost: Error | undefined): void;
  onDown(error: Error | undefined): void;
}

const lookMs = 250;
/** Two seconds: a question that has no answer by then has none. */
const maxLooks = 8;
const connectTimeoutMs = 2_000;
const firstRetryMs = 20;
const maxRetryMs = 1_000;
/** Its major number: scripts of older ones may not write after they asked for the time. */
const oldest = 7;

/** Redis does not answer, though its connection is there. */
export class SilentRedis extends Error {
  override readonly name = 'SilentRedis';

  constructor() {
    super(`Redis did not answer within ${(maxLooks * lookMs) / 1_000} s`);
  }
}

export class Link {
  readonly #options: LinkOptions;
  #client: Redis | undefined;
  #isUp = false;
  #looking: Timer | undefined;
  /** Looks since the `PING` that has no answer yet; undefined if there is none. */
  #looksUnanswered: number | undefined;
  #lastError: Error | undefined;
  #ups = 0;
  #make: (() => Redis) | undefined;
  #retry: Timer | undefined;
  /** Connections that failed since the last one that was up. */
  #tries = 0;
  #isStopped = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The client, while its connection is up. */
  get client(): Redis | undefined {
    return this.#isUp ? this.#client : undefined;
  }

  /** What the last connection failed by. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** How often the connection was made anew. */
  get reconnects(): number {
    return Math.max(0, this.#ups - 1);
  }

  /** @throws StoreRefusal if ioredis is not installed */
  async start(): Promise<void> {
    const { address, clock, name } = this.#options;
    const { Redis } = await loadRedis();
    const options: RedisOptions = {
      ...address.connection,
      connectionName: name,
      lazyConnect: true,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: null,
      connectTimeout: connectTimeoutMs,
      // A client for each connection: ioredis takes one that is dropped while it is being made for one that is there, for ever.
      retryStrategy: () => null,
    };
    this.#make = () => new Redis(options);
    this.#connect();
    this.#looking = clock.every(lookMs, () => this.#look());
  }

  /** Lets go of a connection that does not answer; another is made. */
  drop(error: Error): void {
    this.#note(error);
    if (this.#client) this.#lose(this.#client);
  }

  stop(): void {
    this.#looking?.cancel();
    this.#retry?.cancel();
    this.#isStopped = true;
    this.#isUp = false;
    this.#client?.removeAllListeners('message');
    this.#client?.disconnect(false);
  }

  #connect(): void {
    const client = this.#make?.();
    if (!client || this.#isStopped) return;
    this.#client = client;
    client.on('error', (error: Error) => {
      expectMore(client);
      if (client === this.#client) this.#note(error);
    });
    client.once('ready', () => void this.#greet(client));
    client.on('close', () => this.#lose(client));
    client.connect().catch(() => this.#lose(client));
  }

  /** A connection is gone, or let go of: the next one follows, later each time that none is made. */
  #lose(client: Redis): void {
    if (client !== this.#client || this.#isStopped) return;
    this.#client = undefined;
    this.#looksUnanswered = undefined;
    client.removeAllListeners('message');
    client.disconnect(false);
    // Who does not answer does not hang up either.
    client.stream?.destroy();
    this.#tries += 1;
    const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(this.#tries, 10));
    const spread = 0.5 + Math.random() / 2;
    this.#retry = this.#options.clock.after(delayMs * spread, () => this.#connect());
    this.#down(this.#lastError);
  }

  async #greet(client: Redis): Promise<void> {
    try {
      // ioredis itself would go on with another database if this one does not exist.
      await client.select(this.#options.address.connection.db ?? 0);
      requireUsable(await client.info('server'));
      // As each look will.
      await client.ping();
      await this.#options.greet(client);
    } catch (error) {
      if (client === this.#client) this.drop(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (client !== this.#client || this.#isStopped) return;
    this.#tries = 0;
    const lost = this.#lastError;
    this.#lastError = undefined;
    this.#isUp = true;
    this.#ups += 1;
    this.#options.onUp(lost);
  }

  /** Keeps what says most about why there is no connection. */
  #note(error: Error): void {
    if (!this.#lastError || refusalOf(error) || !refusalOf(this.#lastError)) this.#lastError = error;
  }

  #down(error: Error | undefined): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (wasUp) this.#options.onDown(error);
  }

  /** A connection may be dead without a word, also before it is up. */
  #look(): void {
    const client = this.#client;
    if (client?.status !== 'ready') return;
    if (this.#looksUnanswered !== undefined) {
      this.#looksUnanswered += 1;
      if (this.#looksUnanswered >= maxLooks) this.drop(new SilentRedis());
      return;
    }
    this.#looksUnanswered = 0;
    const answered = () => {
      if (client === this.#client) this.#looksUnanswered = undefined;
    };
    // A refusal is an answer.
    client.ping().then(answered, answered);
  }
}

/** A connection over TLS may fail twice, by what this side and by what the other one says; ioredis expects it once. */
function expectMore(client: Redis): void {
  client.stream?.on('error', () => {});
}

/** @throws StoreRefusal if this is no Redis that the scripts can run on */
function requireUsable(info: string): void {
  const [, version = ''] = /^redis_version:(\S+)/m.exec(info) ?? [];
  if (Number.parseInt(version, 10) < oldest) {
    throw new StoreRefusal(`Redis ${oldest} or newer is needed; this one is ${version}`);
  }
  if (/^redis_mode:cluster/m.test(info)) {
    throw new StoreRefusal(
      'this is a node of a Redis Cluster, which Parlor does not use; docs/cluster.md says what to do',
    );
  }
}

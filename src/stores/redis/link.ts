/**
 * One connection to Redis that comes back by itself. Nothing is queued while it is down and nothing is sent again without
 * being asked: what was under way is refused, and whoever asked decides.
 */

import type { Redis, RedisOptions } from 'ioredis';
import type { Clock, Timer } from '../../core/clock.ts';
import { StoreRefusal } from '../store-refusal.ts';
import type { RedisAddress } from './address.ts';
import { loadRedis } from './library.ts';

export interface LinkOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  /** Shown in Redis' list of clients. */
  readonly name: string;
  /** Makes a new connection ready; it counts as up once this resolves. */
  greet(client: Redis): Promise<void>;
  onUp(): void;
  onDown(error: Error | undefined): void;
}

/** A command that has no answer by then has none. */
const commandTimeoutMs = 2_000;
const connectTimeoutMs = 2_000;
const firstRetryMs = 20;
const maxRetryMs = 1_000;
const pingMs = 1_000;
// What trying again does not mend.
const lasting =
  /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:invalid DB index|DB index|AUTH|Client sent AUTH|unknown command|SELECT))/;

export class Link {
  readonly #options: LinkOptions;
  #client: Redis | undefined;
  #isUp = false;
  #ping: Timer | undefined;
  #lastError: Error | undefined;

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
      commandTimeout: commandTimeoutMs,
      retryStrategy: (times) =>
        Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2),
    };
    const client = new Redis(options);
    this.#client = client;
    client.on('error', (error: Error) => this.#note(error));
    client.on('ready', () => void this.#greet(client));
    client.on('close', () => this.#down(this.#lastError));
    client.connect().catch(() => {});
    this.#ping = clock.every(pingMs, () => this.#look());
  }

  /** Lets go of a connection that does not answer; another is made. */
  drop(error: Error): void {
    this.#note(error);
    this.#down(error);
    this.#client?.disconnect(true);
  }

  stop(): void {
    this.#ping?.cancel();
    this.#isUp = false;
    this.#client?.disconnect(false);
    this.#client?.removeAllListeners();
    // One that is still connecting fails once more.
    this.#client?.on('error', () => {});
  }

  async #greet(client: Redis): Promise<void> {
    try {
      // ioredis itself would go on with another database if this one does not exist.
      await client.select(this.#options.address.connection.db ?? 0);
      await this.#options.greet(client);
    } catch (error) {
      this.drop(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (client.status !== 'ready') return;
    this.#lastError = undefined;
    this.#isUp = true;
    this.#options.onUp();
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

  /** A connection may be dead without a word. */
  #look(): void {
    this.client?.ping().catch((error: Error) => {
      if (this.#isUp) this.drop(error);
    });
  }
}

/** What keeps a server from ever using this Redis, in one line; undefined if trying again may help. */
export function refusalOf(error: Error | undefined): StoreRefusal | undefined {
  return error && lasting.test(error.message)
    ? new StoreRefusal(`Redis refuses: ${error.message}`)
    : undefined;
}

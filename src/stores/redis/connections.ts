/**
 * The two connections to Redis, one for commands and one for the channels, and what follows from them for the store.
 *
 * 1. The store is `ready` while both are up (`#up`), and `away` when one has been down for `patienceMs` or says nothing, or Redis
 *    takes no writes (`#away`).
 * 2. A Redis that cannot be used ends the start; at any later time it is waited for, since somebody may be about to mend it.
 * 3. A new connection to the channels listens to all that the one before did.
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../../core/clock.ts';
import { Deferred } from '../deferred.ts';
import { Status } from '../status.ts';
import type { RedisAddress } from './address.ts';
import { isAway, isReplica, refusalOf, unavailable, withoutInput } from './failures.ts';
import { forgetting } from './forgetting.ts';
import { Link, SilentRedis } from './link.ts';
import { requireListening, requireRights } from './rights.ts';
import { originKey, probeKey } from './room-keys.ts';

interface ConnectionsOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly instance: string;
  /** Makes a new connection for commands ready. */
  greet(client: Redis): Promise<void>;
  /** Both are up; something may have been missed. */
  onUp(wasAway: boolean): void;
  onAway(): void;
  /** The store will never be usable. */
  onRefused(): void;
  /** Told that a connection was lost and is back. */
  readonly onReconnect?: ((why: string | undefined) => void) | undefined;
  /** Told in a line how Redis is set up to lose what it was given. */
  readonly onRisk?: ((line: string) => void) | undefined;
}

// A connection that breaks and is back by then was never away: what was asked waits for it.
const patienceMs = 500;
// More than a connection and the commands that make it ready may take.
const startPatienceMs = 5_000;
const probeMs = 1_000;
const probeKeptMs = 60_000;
const channelsAtOnce = 500;
const isClosed = 'The store is closed.';

export class Connections {
  readonly status = new Status();
  /** Whether Redis is there, or known to be away; rejects with a refusal. */
  readonly opened = new Deferred<void>();
  readonly #options: ConnectionsOptions;
  readonly #commands: Link;
  readonly #channels: Link;
  // Bounded by the rooms in use here.
  readonly #byChannel = new Map<string, (text: string) => void>();
  #hasGreeted = false;
  #isShut = false;
  #downSince: number | undefined;
  #probedAt = 0;
  /** What was lost and is not told yet: once both are back it is, however many of them it was. */
  #lost: { readonly why: string | undefined } | undefined;
  #trouble: string | undefined;
  /** As it was told: not again at each connection. */
  #risk: string | undefined;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    const { clock, instance } = options;
    this.#commands = this.#link(`parlor-${instance}`, (client) => this.#greet(client));
    this.#channels = this.#link(`parlor-${instance}-channels`, (client) => this.#listenOn(client));
    this.#downSince = clock.monotonic();
  }

  /** @throws StoreRefusal if ioredis is not installed */
  async start(): Promise<void> {
    await Promise.all([this.#commands.start(), this.#channels.start()]);
  }

  /** For commands, while it is up. */
  get client(): Redis | undefined {
    return this.#commands.client;
  }

  /** @throws ChatError `unavailable` while it is down */
  get reader(): Redis {
    const { client } = this.#commands;
    if (!client) throw unavailable(isAway);
    return client;
  }

  /** How often one of them was made anew. */
  get reconnects(): number {
    return this.#commands.reconnects + this.#channels.reconnects;
  }

  /** Why the store is away. */
  get trouble(): string | undefined {
    return this.status.value === 'away' ? this.#trouble : undefined;
  }

  /** @throws ChatError `unavailable` while the store is away, or once it is closed */
  requireOpen(): void {
    if (this.#isShut) throw unavailable(isClosed);
    if (this.status.value === 'away') throw unavailable(isAway);
  }

  /**
   * Listens to a channel from now on, also on connections to come.
   * @throws ChatError `unavailable`
   */
  async subscribe(channel: string, take: (text: string) => void): Promise<void> {
    const { client } = this.#channels;
    if (!client) throw unavailable(isAway);
    this.#byChannel.set(channel, take);
    try {
      await client.subscribe(channel);
    } catch {
      throw unavailable(isAway);
    }
  }

  unsubscribe(channel: string): void {
    this.#byChannel.delete(channel);
    this.#channels.client?.unsubscribe(channel).catch(() => {});
  }

  /** Looks every now and then whether Redis has been away for long, and whether it is back. */
  look(): void {
    const now = this.#options.clock.monotonic();
    if (this.#downSince !== undefined && now - this.#downSince >= this.#patienceMs) this.#away();
    if (this.status.value === 'away' && now - this.#probedAt >= probeMs) {
      this.#probedAt = now;
      void this.#probe();
    }
  }

  /** Redis is there and takes no writes. */
  refused(error: Error): void {
    this.#trouble = withoutInput(error).message;
    this.status.set('away');
    this.#leaveReplica(error);
  }

  /** Makes the connection for commands anew. */
  renew(error: Error): void {
    this.#commands.drop(error);
  }

  /** From now on nothing is asked, and nobody told. */
  shut(): void {
    this.#isShut = true;
    this.status.silence();
  }

  stop(): void {
    this.#commands.stop();
    this.#channels.stop();
    this.opened.resolve();
  }

  #link(name: string, greet: (client: Redis) => Promise<void>): Link {
    const { address, clock } = this.#options;
    const link = new Link({
      address,
      clock,
      name,
      greet,
      onUp: (lost) => {
        if (link.reconnects > 0)
          this.#lost = { why: this.#lost?.why ?? (lost && withoutInput(lost).message) };
        this.#up();
      },
      onDown: (error) => this.#down(error),
    });
    return link;
  }

  async #greet(client: Redis): Promise<void> {
    const { address, greet } = this.#options;
    await requireRights(client, address.prefix);
    this.#tellRisk(forgetting(await client.info('memory')));
    await greet(client);
    await this.#write(client);
    await client.set(originKey(address.prefix), this.#hasGreeted ? 'lost' : 'fresh', 'NX');
    this.#hasGreeted = true;
  }

  #tellRisk(line: string | undefined): void {
    if (line !== undefined && line !== this.#risk) this.#options.onRisk?.(line);
    this.#risk = line;
  }

  /** Finds out whether Redis takes writes. */
  async #write(client: Redis): Promise<void> {
    const { address, instance } = this.#options;
    await client.set(probeKey(address.prefix), instance, 'PX', probeKeptMs);
  }

  async #listenOn(client: Redis): Promise<void> {
    await requireListening(client, this.#options.address.prefix);
    client.removeAllListeners('message');
    client.on('message', (channel: string, text: string) => {
      this.#byChannel.get(channel)?.(text);
    });
    const channels = [...this.#byChannel.keys()];
    for (let i = 0; i < channels.length; i += channelsAtOnce) {
      await client.subscribe(...channels.slice(i, i + channelsAtOnce));
    }
  }

  #up(): void {
    if (!this.#commands.client || !this.#channels.client) return;
    const wasAway = this.status.value !== 'ready';
    this.#downSince = undefined;
    this.status.set('ready');
    this.opened.resolve();
    this.#tellLost();
    this.#options.onUp(wasAway);
  }

  #tellLost(): void {
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost) this.#options.onReconnect?.(lost.why);
  }

  #down(error: Error | undefined): void {
    this.#downSince ??= this.#options.clock.monotonic();
    if (error instanceof SilentRedis) this.#away();
  }

  /** The first connection may take as long as it takes to hear that it is refused: that ends the start. */
  get #patienceMs(): number {
    const isUnheard = !this.#commands.lastError && !this.#channels.lastError;
    return this.status.value === 'starting' && isUnheard ? startPatienceMs : patienceMs;
  }

  #away(): void {
    const error = this.#commands.lastError ?? this.#channels.lastError;
    const refusal = refusalOf(error);
    if (this.status.value === 'starting' && refusal) {
      this.opened.reject(refusal);
      this.#options.onRefused();
      return;
    }
    if (error) this.#trouble = withoutInput(error).message;
    this.status.set('away');
    this.opened.resolve();
    this.#options.onAway();
  }

  async #probe(): Promise<void> {
    try {
      const { client } = this.#commands;
      if (client) await this.#write(client);
      if (this.#commands.client) this.#up();
    } catch (error) {
      // Else it is asked again later.
      this.#leaveReplica(error);
    }
  }

  /** A replica may be what was once the master: whoever asks for the name again is led to the one that is now. */
  #leaveReplica(error: unknown): void {
    if (!isReplica(error)) return;
    this.#channels.drop(error);
    this.#commands.drop(error);
  }
}

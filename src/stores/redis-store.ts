/**
 * The store of many instances on one Redis: whatever one of them commits, all of them hear.
 *
 * 1. What is asked for gathers in `#batches`; at most one round trip of it is under way (`#flight`). `#run` starts the next
 *    one, in the turn after `#schedule`.
 * 2. Each room in use has a feed, which reads what its channel carries; the answer of a batch waits for the feed to have
 *    heard it, for a second at the most [P-1].
 * 3. There are two connections, one for commands and one for the channels. The store is `ready` while both are up, and
 *    `away` when one has been down for `patienceMs`, or a command had no answer, or Redis takes no writes.
 * 4. After an interruption every feed reads what it missed, and the sessions of this instance are looked for: what is gone
 *    without a word has expired. Nobody is swept before everybody had the time to say that he is there.
 */

import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { User } from '../core/authenticator.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { formatCursor } from '../core/cursor.ts';
import type { SessionEndReason } from '../core/endings.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type { Restriction, RestrictionDraft, RestrictionListener } from '../core/restriction.ts';
import {
  type AppendAnswer,
  type Delivery,
  type KnownEnding,
  keysPerSession,
  type LoadedRoom,
  type LogPlace,
  type MessageDraft,
  type OpenAnswer,
  type RedactAnswer,
  type SessionClaim,
  type SessionPosition,
  type SessionRecord,
  type SessionRef,
  type SessionTouch,
  type Store,
  type StoreFigures,
  type StoreListener,
  type StoreStatus,
} from '../core/store.ts';
import { Deferred } from './deferred.ts';
import { newEpoch } from './new-epoch.ts';
import type { RedisAddress } from './redis/address.ts';
import { Link, refusalOf, SilentRedis, withoutInput } from './redis/link.ts';
import { readEndings, readLog } from './redis/log-reading.ts';
import {
  jsonBytes,
  knownEnding,
  listOf,
  type Mark,
  numberOf,
  openArguments,
  publicationOf,
  type Reply,
  recordOf,
  textOf,
  userField,
} from './redis/protocol.ts';
import { RedisRestrictions } from './redis/restrictions.ts';
import { requireListening, requireRights } from './redis/rights.ts';
import { type Batch, RoomBatches, refuse, unavailable } from './redis/room-batches.ts';
import { type Missing, type ReadRoom, RoomFeed } from './redis/room-feed.ts';
import { RoomIndex } from './redis/room-index.ts';
import { keysOf, originKey, probeKey, type RoomKeys } from './redis/room-keys.ts';
import { roomScript } from './redis/room-script.ts';
import { Status } from './status.ts';

export interface RedisStoreOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly history: HistoryLimits;
  /** After how long an idle session expires. */
  readonly timeoutMs: number;
  /** How much later an instance may say that a session of another one was active. */
  readonly graceMs: number;
  /** Tells this instance from others. */
  readonly instance: string;
  /** Told what failed without anybody waiting for it. */
  readonly onFault: (error: unknown, doing: string) => void;
  /** Told that a connection was lost and is back. */
  readonly onReconnect?: (why: string | undefined) => void;
  /** Told how long a round trip took that carried something out. */
  readonly onCommit?: (ms: number) => void;
}

/** What is known of a room that this instance uses. */
interface UsedRoom {
  readonly name: string;
  readonly keys: RoomKeys;
  /** While anybody listens. */
  feed: RoomFeed | undefined;
  subscribed: Promise<void> | undefined;
  /** How many want to listen and do not yet. */
  loading: number;
  /** The sessions that this instance opened or found, and whose end it has not heard of. */
  readonly held: Set<string>;
}

// A connection that breaks and is back by then was never away: what was asked waits for it.
const patienceMs = 500;
// More than a connection and the commands that make it ready may take.
const startPatienceMs = 5_000;
const watchMs = 250;
// A caller waits at most so long; his own deadline is later, so that he gets an answer and not silence.
const overdueMs = 5_000;
const probeMs = 1_000;
/** How often a room that says nothing is looked at: whether Redis still has it. */
const compareMs = 2_000;
// Answers that are later than this are rare; a clock that was set is off by more.
const steppedMs = 1_000;
const sweepLimit = 64;
const trimLimit = 1_000;
const chunk = 500;
const closeWaitMs = 2_000;
const isClosed = 'The store is closed.';
const isBehind = 'This instance has not caught up yet.';
const isAway = 'The store does not answer at the moment.';

const bounds = { keysPerSession, endings: 1_000, endingsMs: 10 * 60_000 };
const script = roomScript(bounds);

export class RedisStore implements Store {
  readonly isShared = true;
  readonly unheld = 0;
  readonly #options: RedisStoreOptions;
  readonly #batches: RoomBatches;
  readonly #commands: Link;
  readonly #channels: Link;
  readonly #index: RoomIndex;
  readonly #restrictions: RedisRestrictions;
  readonly #status = new Status();
  readonly #opened = new Deferred<void>();
  /** Who asked for the bans before Redis was there: once it is open, they are known. */
  #firstWatch: Promise<void> | undefined;
  // Bounded by the rooms that are open here, and those with sessions of this instance.
  readonly #rooms = new Map<string, UsedRoom>();
  readonly #byChannel = new Map<string, (text: string) => void>();
  // Since the last trim: somebody has to look after rooms that hold nothing but that.
  readonly #announced = new Set<string>();
  #scriptHash = '';
  #hasGreeted = false;
  #isScheduled = false;
  #flight: readonly Batch[] | undefined;
  // Answers that wait for a feed, each for a second at the most.
  readonly #answering = new Set<Promise<void>>();
  #watchTimer: Timer | undefined;
  #downSince: number | undefined;
  #probedAt = 0;
  #comparedAt = 0;
  #sweptAt = 0;
  /** How far Redis' wall clock is ahead of the monotonic one here. */
  #aheadMs: number | undefined;
  /** Monotonic milliseconds: nobody is swept before. */
  #sweepsFrom = 0;
  #closing: Promise<void> | undefined;
  #trouble: string | undefined;
  #roundTrips = 0;
  #operations = 0;

  constructor(options: RedisStoreOptions) {
    const { address, clock, instance } = options;
    this.#options = options;
    this.#batches = new RoomBatches(clock);
    this.#index = new RoomIndex(address.prefix);
    this.#restrictions = new RedisRestrictions({
      prefix: address.prefix,
      clock,
      redis: () => this.#reader(),
      subscribe: (channel) => this.#subscribeTo(channel, (text) => this.#restrictions.take(text)),
      explained,
      onFault: options.onFault,
    });
    const name = `parlor-${instance}`;
    this.#commands = new Link({
      address,
      clock,
      name,
      greet: (client) => this.#greet(client),
      onUp: (lost) => this.#linked(this.#commands, lost),
      onDown: (error) => this.#down(error),
    });
    this.#channels = new Link({
      address,
      clock,
      name: `${name}-channels`,
      greet: (client) => this.#listenOn(client),
      onUp: (lost) => this.#linked(this.#channels, lost),
      onDown: (error) => this.#down(error),
    });
    this.#downSince = clock.monotonic();
    this.#start().catch((error: Error) => this.#opened.reject(error));
  }

  /**
   * Resolves once Redis is there, or is known to be away: then it is waited for.
   * @throws StoreRefusal in one line, if it will never be usable
   */
  async opened(): Promise<void> {
    await this.#opened.promise;
    await this.#firstWatch;
  }

  get status(): StoreStatus {
    return this.#status.value;
  }

  wall(): number {
    const { clock } = this.#options;
    return this.#aheadMs === undefined ? clock.wall() : clock.monotonic() + this.#aheadMs;
  }

  onStatus(listener: (status: StoreStatus) => void): () => void {
    return this.#status.onChange(listener);
  }

  get trouble(): string | undefined {
    return this.#status.value === 'away' ? this.#trouble : undefined;
  }

  figures(): StoreFigures {
    const lags = [...this.#rooms.values()].flatMap(({ feed }) => (feed ? [feed.lag] : []));
    const underWay = this.#flight?.reduce((sum, { operations }) => sum + operations.length, 0) ?? 0;
    return {
      reconnects: this.#commands.reconnects + this.#channels.reconnects,
      lagEvents: lags.reduce((sum, { events }) => sum + events, 0),
      lagMs: Math.round(lags.reduce((most, { ms }) => Math.max(most, ms), 0)),
      waiting: this.#batches.size + underWay,
      operations: this.#operations,
      roundTrips: this.#roundTrips,
    };
  }

  async load(room: string, listener: StoreListener): Promise<LoadedRoom> {
    this.#requireOpen();
    const used = this.#use(room);
    used.feed ??= this.#newFeed(used);
    const { feed } = used;
    used.loading += 1;
    try {
      await this.#subscribe(used).finally(() => {
        used.loading -= 1;
      });
      const { log, stop } = await feed.load(listener);
      return {
        log,
        unsubscribe: () => {
          stop();
          this.#letGo(used);
        },
      };
    } catch (error) {
      this.#letGo(used);
      throw explained(error);
    }
  }

  async openSession(claim: SessionClaim, join: boolean, maxMembers: number): Promise<OpenAnswer> {
    const { room, sessionId } = claim;
    this.#requireOpen();
    this.#use(room);
    return await this.#ask(room, 'open', openArguments(claim, join, maxMembers), (reply): OpenAnswer => {
      const [outcome, record, replaced] = listOf(reply);
      switch (outcome) {
        case 'opened': {
          this.#hold(room, sessionId);
          const id = textOf(replaced);
          return { outcome, record: recordOf(room, sessionId, record), replaced: id === '' ? null : id };
        }
        case 'reopened': {
          const known = textOf(listOf(record)[7]);
          this.#hold(room, known);
          return { outcome, record: recordOf(room, known, record) };
        }
        case 'name-in-use':
        case 'room-full':
          return { outcome };
        default:
          throw new Error('Redis gave no answer to an opening.');
      }
    });
  }

  joinSession({ room, sessionId }: SessionRef): Promise<boolean> {
    return this.#ask(room, 'join', [sessionId], (reply) => textOf(reply) === '1');
  }

  async closeSession({ room, sessionId }: SessionRef, reason: SessionEndReason, detail = ''): Promise<void> {
    await this.#ask(room, 'close', [sessionId, reason, detail], () => {});
    this.#release(room, sessionId);
  }

  async append(room: string, drafts: readonly MessageDraft[]): Promise<readonly AppendAnswer[]> {
    this.#requireOpen();
    return await Promise.all(
      drafts.map((draft) => this.#ask(room, 'append', appendArguments(draft), appendAnswer)),
    );
  }

  async announce(room: string, message: string): Promise<LogPlace> {
    this.#requireOpen();
    const redis = this.#commands.client;
    if (redis && !this.#rooms.has(room)) {
      await this.#index.mark(redis, [room]).catch((error) => {
        throw explained(error);
      });
    }
    this.#announced.add(room);
    return await this.#ask(room, 'announce', [message, `${jsonBytes(message)}`], (reply) =>
      placeOf(listOf(reply)),
    );
  }

  redact(room: string, target: number): Promise<RedactAnswer> {
    return this.#ask(room, 'redact', [`${target}`], redactAnswer);
  }

  findSession(room: string, tokenHash: string): Promise<SessionRecord | null> {
    return this.#ask(room, 'find', [tokenHash], (reply) => {
      const [, record] = listOf(reply);
      if (record === undefined) return null;
      const sessionId = textOf(listOf(record)[7]);
      // Its end has come before this answer, by the other connection: nobody would tell of it again.
      if (this.#rooms.get(room)?.feed?.hasEnded(sessionId)) return null;
      this.#hold(room, sessionId);
      return recordOf(room, sessionId, record);
    });
  }

  endingOf(room: string, tokenHash: string): Promise<KnownEnding | null> {
    return this.#ask(room, 'ending', [tokenHash], (reply) => knownEnding(textOf(reply)));
  }

  async catchUp(room: string): Promise<void> {
    const mark = await this.#ask(room, 'gone', [], (_, at) => at);
    const feed = this.#rooms.get(room)?.feed;
    await feed?.reached(mark);
    if (feed && !feed.isAt(mark)) throw unavailable(isBehind);
  }

  async touch(sessions: readonly SessionTouch[]): Promise<void> {
    await this.#askAll(
      sessions.map(({ room, sessionId, idleMs = 0 }) => [
        room,
        'touch',
        [sessionId, `${Math.round(idleMs)}`],
      ]),
    );
  }

  renewUser({ room, sessionId }: SessionRef, user: User): Promise<void> {
    return this.#ask(room, 'renew', [sessionId, userField(user), JSON.stringify(user)], () => {});
  }

  async savePositions(positions: readonly SessionPosition[]): Promise<void> {
    await this.#askAll(
      positions.map(({ room, sessionId, position }) => [room, 'save', [sessionId, formatCursor(position)]]),
    );
  }

  async expired(
    candidates: readonly SessionRef[],
    idleMs: number,
    unheld?: Delivery,
  ): Promise<readonly SessionRef[]> {
    this.#requireOpen();
    if (this.#options.clock.monotonic() < this.#sweepsFrom) return [];
    const graceMs = `${this.#options.graceMs}`;
    const own = candidates.map(async ({ room, sessionId }) => {
      const isGiven = await this.#ask(
        room,
        'expired',
        [sessionId, `${idleMs}`, graceMs],
        (reply) => reply === '1',
      );
      return isGiven ? [{ room, sessionId }] : [];
    });
    const sweeping = this.#sweep(idleMs, unheld).catch((error) => {
      throw explained(error);
    });
    const given = await Promise.all([...own, sweeping]);
    return given.flat();
  }

  watchRestrictions(listener: RestrictionListener): Promise<() => void> {
    const watching = this.#watch(listener);
    this.#firstWatch ??= watching.then(
      () => {},
      () => {},
    );
    return watching;
  }

  async putRestriction(draft: RestrictionDraft, forMs: number | null): Promise<Restriction | null> {
    this.#requireOpen();
    return await this.#restrictions.put(draft, forMs);
  }

  async removeRestriction(id: string): Promise<boolean> {
    this.#requireOpen();
    return await this.#restrictions.remove(id);
  }

  trim(): void {
    if (this.#status.value !== 'ready') return;
    this.#restrictions.trim().catch(() => {});
    for (const room of new Set([...this.#rooms.keys(), ...this.#announced])) this.#trim(room).catch(() => {});
    this.#announced.clear();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #watch(listener: RestrictionListener): Promise<() => void> {
    this.#requireOpen();
    await this.#opened.promise;
    return await this.#restrictions.watch(listener);
  }

  async #start(): Promise<void> {
    await Promise.all([this.#commands.start(), this.#channels.start()]);
    this.#watchTimer = this.#options.clock.every(watchMs, () => this.#look());
  }

  async #close(): Promise<void> {
    this.#status.silence();
    const until = this.#options.clock.monotonic() + closeWaitMs;
    while (this.#commands.client && (this.#flight || !this.#batches.isEmpty)) {
      if (this.#options.clock.monotonic() > until) break;
      await this.#run();
    }
    await Promise.all(this.#answering);
    this.#watchTimer?.cancel();
    this.#batches.refuseAll(isClosed);
    for (const { feed } of this.#rooms.values()) feed?.close();
    this.#commands.stop();
    this.#channels.stop();
    this.#opened.resolve();
  }

  async #greet(client: Redis): Promise<void> {
    await requireRights(client, this.#options.address.prefix);
    this.#scriptHash = (await client.script('LOAD', script)) as string;
    await this.#restrictions.greet(client);
    const [seconds, micros] = await client.time();
    this.#noteTime(Number(seconds) * 1000 + Math.floor(Number(micros) / 1000));
    const { prefix } = this.#options.address;
    await client.set(probeKey(prefix), this.#options.instance, 'PX', 60_000);
    await client.set(originKey(prefix), this.#hasGreeted ? 'lost' : 'fresh', 'NX');
    this.#hasGreeted = true;
  }

  /** A new connection to the channels listens to all of them again; what was said meanwhile is read from the logs. */
  async #listenOn(client: Redis): Promise<void> {
    await requireListening(client, this.#options.address.prefix);
    client.removeAllListeners('message');
    client.on('message', (channel: string, text: string) => {
      this.#byChannel.get(channel)?.(text);
    });
    const channels = [...this.#byChannel.keys()];
    for (let i = 0; i < channels.length; i += chunk) await client.subscribe(...channels.slice(i, i + chunk));
  }

  #linked(link: Link, lost: Error | undefined): void {
    if (link.reconnects > 0) this.#options.onReconnect?.(lost && withoutInput(lost).message);
    this.#up();
  }

  #up(): void {
    if (!this.#commands.client || !this.#channels.client) return;
    const wasAway = this.#status.value !== 'ready';
    this.#downSince = undefined;
    // Everybody first says that he is there, on whichever instance.
    if (wasAway) this.#sweepsFrom = this.#options.clock.monotonic() + this.#options.timeoutMs;
    this.#status.set('ready');
    this.#opened.resolve();
    for (const { feed } of this.#rooms.values()) feed?.heal();
    this.#restrictions.heal();
    this.#schedule();
  }

  #down(error: Error | undefined): void {
    this.#downSince ??= this.#options.clock.monotonic();
    if (error instanceof SilentRedis) this.#away();
  }

  /** Looks every now and then: what is overdue, whether Redis is back, whether it still has what this instance has seen. */
  #look(): void {
    const now = this.#options.clock.monotonic();
    if (this.#downSince !== undefined && now - this.#downSince >= this.#patienceMs) this.#away();
    this.#batches.refuseOlder(overdueMs, isAway);
    if (this.#status.value === 'away' && now - this.#probedAt >= probeMs) {
      this.#probedAt = now;
      void this.#probe();
    }
    if (this.#status.value === 'ready' && now - this.#comparedAt >= compareMs) {
      this.#comparedAt = now;
      for (const { name, feed } of this.#rooms.values()) if (feed) this.#compare(name);
    }
  }

  /** The first connection may take as long as it takes to hear that it is refused: that ends the start. */
  get #patienceMs(): number {
    const isUnheard = !this.#commands.lastError && !this.#channels.lastError;
    return this.#status.value === 'starting' && isUnheard ? startPatienceMs : patienceMs;
  }

  #away(): void {
    const error = this.#commands.lastError ?? this.#channels.lastError;
    const refusal = refusalOf(error);
    if (this.#status.value === 'starting' && refusal) {
      this.#opened.reject(refusal);
      void this.close();
      return;
    }
    if (error) this.#trouble = withoutInput(error).message;
    this.#status.set('away');
    this.#opened.resolve();
    this.#batches.refuseOlder(0, isAway);
  }

  /** Whether Redis takes writes again. */
  async #probe(): Promise<void> {
    try {
      const key = probeKey(this.#options.address.prefix);
      await this.#commands.client?.set(key, this.#options.instance, 'PX', 60_000);
      if (this.#commands.client) this.#up();
    } catch (error) {
      // Else it is asked again later.
      this.#leaveReplica(error);
    }
  }

  /** A replica may be what was once the master: whoever asks for the name again is led to the one that is now. */
  #leaveReplica(error: unknown): void {
    if (!(error instanceof Error) || !/^READONLY/.test(error.message)) return;
    this.#channels.drop(error);
    this.#commands.drop(error);
  }

  /** Rooms that nobody speaks in tell nobody that Redis has lost them. */
  #compare(room: string): void {
    this.#ask(room, 'gone', [], (_, mark) => this.#rooms.get(room)?.feed?.compare(mark)).catch(() => {});
  }

  async #trim(room: string): Promise<void> {
    await this.#ask(room, 'trim', [limitText(this.#options.history.ageMs), `${trimLimit}`], () => {});
  }

  /** Of the rooms that this instance uses, and of some that none uses, the idle sessions of other instances. */
  async #sweep(idleMs: number, unheld: Delivery | undefined): Promise<readonly SessionRef[]> {
    const redis = this.#commands.client;
    const now = this.#options.clock.monotonic();
    if (!redis || now - this.#sweptAt < idleMs / 4) return [];
    this.#sweptAt = now;
    const used = [...this.#rooms.keys()];
    await this.#index.mark(redis, used);
    const unused = await this.#index.unused(redis, idleMs);
    const input = [`${idleMs + this.#options.graceMs}`, unheld ?? '', `${sweepLimit}`];
    const given = await Promise.all(
      [...used, ...unused].map((room) =>
        this.#ask(room, 'sweep', input, (reply) =>
          listOf(reply).map((id) => ({ room, sessionId: textOf(id) })),
        ),
      ),
    );
    await this.#forget(redis, unused);
    return given.flat();
  }

  /** Forgets rooms in which nothing is left, and looks at the others again later. */
  async #forget(redis: Redis, rooms: readonly string[]): Promise<void> {
    const forgotten: string[] = [];
    const kept: string[] = [];
    for (const room of rooms) {
      await this.#trim(room);
      const isGone = await this.#ask(room, 'forget', [], (reply) => reply === '1');
      (isGone ? forgotten : kept).push(room);
    }
    await this.#index.forget(redis, forgotten);
    await this.#index.mark(redis, kept);
  }

  #use(room: string): UsedRoom {
    let used = this.#rooms.get(room);
    if (!used) {
      const keys = keysOf(this.#options.address.prefix, room);
      used = { name: room, keys, feed: undefined, subscribed: undefined, loading: 0, held: new Set() };
      this.#rooms.set(room, used);
      const redis = this.#commands.client;
      // Before anything is in it, so that somebody will look when this process is no more.
      if (redis) this.#index.mark(redis, [room]).catch(() => {});
    }
    return used;
  }

  #hold(room: string, sessionId: string): void {
    const used = this.#use(room);
    if (!used.feed?.hasEnded(sessionId)) used.held.add(sessionId);
  }

  #release(room: string, sessionId: string): void {
    const used = this.#rooms.get(room);
    if (!used?.held.delete(sessionId)) return;
    this.#letGo(used);
  }

  #letGo(used: UsedRoom): void {
    if (used.feed?.isUnused && used.loading === 0) {
      used.feed.close();
      used.feed = undefined;
      used.subscribed = undefined;
      this.#byChannel.delete(used.keys.channel);
      this.#channels.client?.unsubscribe(used.keys.channel).catch(() => {});
    }
    if (!used.feed && used.held.size === 0) this.#rooms.delete(used.name);
  }

  #subscribe(used: UsedRoom): Promise<void> {
    const { channel } = used.keys;
    used.subscribed ??= (async () => {
      try {
        await this.#subscribeTo(channel, (text) => used.feed?.take(publicationOf(text)));
      } catch (error) {
        used.subscribed = undefined;
        throw error;
      }
    })();
    return used.subscribed;
  }

  async #subscribeTo(channel: string, take: (text: string) => void): Promise<void> {
    const { client } = this.#channels;
    if (!client) throw unavailable(isAway);
    this.#byChannel.set(channel, take);
    try {
      await client.subscribe(channel);
    } catch {
      throw unavailable(isAway);
    }
  }

  #newFeed(used: UsedRoom): RoomFeed {
    const { clock, onFault } = this.#options;
    return new RoomFeed({
      clock,
      onFault,
      source: {
        read: () => this.#readRoom(used),
        readMissing: (after, ending) => this.#readMissing(used, after, ending),
      },
      onEnded: (sessionId) => this.#release(used.name, sessionId),
      onInterruption: () => void this.#lookForHeld(used),
    });
  }

  /** The whole room, as it is kept. Read in pages: what is trimmed meanwhile is cut off. */
  async #readRoom({ name, keys }: UsedRoom): Promise<ReadRoom> {
    const before = await this.#readBase(name, 'load');
    const { epoch, head } = before.mark;
    const range = await readLog(this.#reader(), keys, before.base, head);
    const after = await this.#readBase(name);
    if (after.mark.epoch !== epoch) throw unavailable('The room was replaced while it was read.');
    // The roster at the first event that could be read, if some before it could not.
    const baseId = Math.max(after.base, range.from);
    const events = range.events.filter(({ event }) => event.id > baseId);
    return {
      log: { epoch, baseId, users: after.users, events, ...(after.start > 0 && { startId: after.start }) },
      mark: before.mark,
      ending: before.ending,
    };
  }

  async #readMissing({ name, keys }: UsedRoom, after: Mark, ending: string): Promise<Missing> {
    const { mark, base } = await this.#readBase(name);
    const endings = await readEndings(this.#reader(), keys.endings, ending);
    if (mark.epoch !== after.epoch || base > after.head || mark.head < after.head) {
      return { mark, events: undefined, endings };
    }
    const range = await readLog(this.#reader(), keys, after.head, mark.head);
    return { mark, events: range.from === after.head ? range.events : undefined, endings };
  }

  #readBase(
    room: string,
    by: 'base' | 'load' = 'base',
  ): Promise<{ mark: Mark; base: number; start: number; users: readonly string[]; ending: string }> {
    return this.#ask(room, by, [], (reply, mark) => {
      const [base, users, ending, start] = listOf(reply);
      return {
        mark,
        base: numberOf(base),
        start: numberOf(start),
        users: listOf(users).map(textOf),
        ending: textOf(ending),
      };
    });
  }

  /** What has gone while this instance heard nothing, and left no ending, has expired. */
  async #lookForHeld({ name, held, feed }: UsedRoom): Promise<void> {
    const ids = [...held];
    for (let i = 0; i < ids.length; i += chunk) {
      const gone = await this.#ask(name, 'gone', ids.slice(i, i + chunk), (reply) =>
        listOf(reply).map(textOf),
      ).catch(() => []);
      feed?.tellEnded(gone.filter((id) => held.has(id)));
    }
  }

  #reader(): Redis {
    const { client } = this.#commands;
    if (!client) throw unavailable(isAway);
    return client;
  }

  #requireOpen(): void {
    if (this.#closing) throw unavailable(isClosed);
    if (this.#status.value === 'away') throw unavailable(isAway);
  }

  async #askAll(asked: readonly (readonly [string, string, readonly string[]])[]): Promise<void> {
    this.#requireOpen();
    await Promise.all(asked.map(([room, name, input]) => this.#ask(room, name, input, () => {})));
  }

  /** Asks something of a room; resolves after this instance has heard of what it changed [P-1]. */
  async #ask<T>(
    room: string,
    name: string,
    input: readonly string[],
    read: (reply: Reply | undefined, mark: Mark) => T,
  ): Promise<T> {
    this.#requireOpen();
    const answer = this.#batches.add(room, name, input, read);
    this.#schedule();
    return await answer;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#flight || this.#batches.isEmpty || !this.#commands.client) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const redis = this.#commands.client;
    if (this.#flight || this.#batches.isEmpty || !redis) return;
    const flight = this.#batches.take();
    this.#flight = flight;
    try {
      await this.#fly(redis, flight);
    } finally {
      this.#flight = undefined;
      this.#schedule();
    }
  }

  async #fly(redis: Redis, flight: readonly Batch[]): Promise<void> {
    const pipeline = redis.pipeline();
    const { address, instance, history } = this.#options;
    const epoch = newEpoch();
    for (const { room, number, operations } of flight) {
      const keys = this.#rooms.get(room)?.keys ?? keysOf(address.prefix, room);
      const seen = this.#rooms.get(room)?.feed?.seen;
      pipeline.evalsha(
        this.#scriptHash,
        keys.all.length,
        ...keys.all,
        keys.channel,
        instance,
        number,
        seen?.epoch ?? '',
        `${seen?.head ?? 0}`,
        epoch,
        limitText(history.events),
        limitText(history.bytes),
        ...operations.flatMap(({ name, input }) => [name, `${input.length}`, ...input]),
      );
    }
    this.#roundTrips += 1;
    this.#operations += flight.reduce((sum, { operations }) => sum + operations.length, 0);
    const { clock, onCommit } = this.#options;
    const startedAt = clock.monotonic();
    const results = (await pipeline.exec()) ?? [];
    if (results.some(([error]) => error === null)) onCommit?.(clock.monotonic() - startedAt);
    const brokenOff: Batch[] = [];
    for (const [index, batch] of flight.entries()) {
      const [error, reply] = results[index] ?? [new Error('Connection is closed.'), undefined];
      if (!error) this.#take(batch, reply as Reply);
      else if (isBroken(error)) brokenOff.push(batch);
      else this.#refuse(batch, error);
    }
    if (this.#status.value !== 'away') this.#batches.breakOff(brokenOff);
    else for (const { operations } of brokenOff) refuse(operations, unavailable(isAway));
  }

  #take(batch: Batch, reply: Reply): void {
    try {
      this.#answer(batch, reply);
    } catch (error) {
      this.#refuse(batch, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #answer({ room, operations }: Batch, reply: Reply): void {
    const [epoch, head, pub, answers, now] = listOf(reply);
    this.#noteTime(numberOf(now));
    const mark: Mark = { epoch: textOf(epoch), head: numberOf(head), pub: numberOf(pub) };
    const replies = listOf(answers);
    const tell = (isTold: (name: string) => boolean): void => {
      for (const [index, operation] of operations.entries()) {
        if (isTold(operation.name)) operation.answer(replies[index], mark);
      }
    };
    // What changes nothing need not wait, and what a feed itself asks must not.
    tell((name) => !changes.has(name));
    const feed = this.#rooms.get(room)?.feed;
    feed?.note(mark);
    if (!feed?.isLive || feed.isAt(mark)) {
      tell((name) => changes.has(name));
      return;
    }
    const answering = feed.reached(mark).then(() => {
      this.#answering.delete(answering);
      tell((name) => changes.has(name));
    });
    this.#answering.add(answering);
  }

  /** What Redis says is late by the way of the answer, so that the latest of its times is the truest. */
  #noteTime(nowMs: number): void {
    const aheadMs = nowMs - this.#options.clock.monotonic();
    const isStepped = Math.abs(aheadMs - (this.#aheadMs ?? 0)) > steppedMs;
    if (this.#aheadMs === undefined || aheadMs > this.#aheadMs || isStepped) this.#aheadMs = aheadMs;
  }

  #refuse({ room, operations }: Batch, error: Error): void {
    if (/^NOSCRIPT/.test(error.message)) {
      // Redis has forgotten the script, and carried nothing out: a new connection loads it again.
      refuse(operations, unavailable(isAway));
      this.#commands.drop(error);
    } else if (passing.test(error.message)) {
      refuse(operations, unavailable(isAway));
      this.#trouble = withoutInput(error).message;
      this.#status.set('away');
      this.#leaveReplica(error);
    } else {
      const told = withoutInput(error);
      this.#options.onFault(told, `asking Redis for something of room ${room}`);
      refuse(operations, told);
    }
  }
}

// What is acknowledged only after this instance itself has heard of it [P-1].
const changes: ReadonlySet<string> = new Set(['open', 'join', 'close', 'append', 'announce', 'redact']);

// What Redis says that cannot take a write, or does not answer.
const passing = /^(?:OOM|MISCONF|READONLY|LOADING|MASTERDOWN|NOREPLICAS|BUSY|CLUSTERDOWN|TRYAGAIN|NOPERM)/;

/** What callers are told of an error. */
function explained(error: unknown): unknown {
  return isPassing(error) ? unavailable(isAway) : error;
}

/** Whether asking again later may help. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof Error &&
    (isBroken(error) || passing.test(error.message) || /^NOSCRIPT/.test(error.message))
  );
}

/** Whether the connection went before an answer came: then the batch is sent again. */
function isBroken(error: Error): boolean {
  return /Connection is closed|writeable|ECONNRESET|EPIPE/.test(error.message);
}

/** A limit for the script, which knows no infinity. */
function limitText(limit: number): string {
  return `${Math.min(limit, Number.MAX_SAFE_INTEGER)}`;
}

function appendArguments({ sessionId, message, key, isRepeatOnly }: MessageDraft): readonly string[] {
  const textHash = key === null ? '' : hash('sha256', message, 'base64url');
  return [sessionId, message, `${jsonBytes(message)}`, key ?? '', textHash, isRepeatOnly ? '1' : ''];
}

function placeOf([id, timestamp]: readonly Reply[]): LogPlace {
  return { id: numberOf(id), timestamp: numberOf(timestamp) };
}

function redactAnswer(reply: Reply | undefined): RedactAnswer {
  const [outcome, ...place] = listOf(reply);
  switch (outcome) {
    case 'redacted':
    case 'repeated':
      return { outcome, ...placeOf(place) };
    case 'not-kept':
    case 'no-text':
      return { outcome };
    default:
      throw new Error('Redis gave no answer to a redaction.');
  }
}

function appendAnswer(reply: Reply | undefined): AppendAnswer {
  const [outcome, ...place] = listOf(reply);
  switch (outcome) {
    case 'appended':
    case 'repeated':
      return { outcome, ...placeOf(place) };
    case 'key-reused':
    case 'unknown-key':
    case 'not-joined':
    case 'session-gone':
      return { outcome };
    default:
      throw new Error('Redis gave no answer to a message.');
  }
}

/**
 * The store of many instances on one Redis: whatever one of them commits, all of them hear. What the port promises is put
 * together here, of the connections, what is asked through them (`flights`), the rooms that are in use, and what nobody asks for
 * (`sweeper`).
 */

import type { User } from '../core/authenticator.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { formatCursor } from '../core/cursor.ts';
import type { SessionEndReason } from '../core/endings.ts';
import type { HistoryLimits } from '../core/event-log.ts';
import type { Restriction, RestrictionDraft, RestrictionListener } from '../core/restriction.ts';
import type {
  AppendAnswer,
  Delivery,
  KnownEnding,
  LoadedRoom,
  LogPlace,
  MessageDraft,
  OpenAnswer,
  RedactAnswer,
  SessionClaim,
  SessionPosition,
  SessionRecord,
  SessionRef,
  SessionTouch,
  Store,
  StoreFigures,
  StoreListener,
  StoreStatus,
} from '../core/store.ts';
import type { RedisAddress } from './redis/address.ts';
import { Connections } from './redis/connections.ts';
import { isAway, unavailable } from './redis/failures.ts';
import { Flights } from './redis/flights.ts';
import {
  announceArguments,
  appendAnswer,
  appendArguments,
  findAnswer,
  knownEnding,
  openAnswer,
  openArguments,
  placeOf,
  redactAnswer,
  userField,
} from './redis/operations.ts';
import { RedisTime, redisNow } from './redis/redis-time.ts';
import { textOf } from './redis/reply.ts';
import { RedisRestrictions } from './redis/restrictions.ts';
import { RoomIndex } from './redis/room-index.ts';
import type { Ask } from './redis/room-reading.ts';
import { Sweeper } from './redis/sweeper.ts';
import { UsedRooms } from './redis/used-rooms.ts';

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
  /** Told that a connection was lost and is back: once, also if both were. */
  readonly onReconnect?: (why: string | undefined) => void;
  /** Told in a line how Redis is set up to lose what it was given. */
  readonly onRisk?: (line: string) => void;
  /** Told how long a round trip took that carried something out. */
  readonly onCommit?: (ms: number) => void;
}

const lookMs = 250;
const closeWaitMs = 2_000;
const isBehind = 'This instance has not caught up yet.';

export class RedisStore implements Store {
  readonly isShared = true;
  readonly unheld = 0;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #flights: Flights;
  readonly #rooms: UsedRooms;
  readonly #sweeper: Sweeper;
  readonly #restrictions: RedisRestrictions;
  readonly #time: RedisTime;
  readonly #ask: Ask;
  /** Who asked for the bans before Redis was there: once it is open, they are known. */
  #firstWatch: Promise<void> | undefined;
  #looking: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RedisStoreOptions) {
    const { address, clock, instance, history, timeoutMs, graceMs, onFault, onReconnect, onRisk } = options;
    const { prefix } = address;
    this.#clock = clock;
    this.#time = new RedisTime(clock);
    const index = new RoomIndex(prefix);
    const connections = new Connections({
      address,
      clock,
      instance,
      greet: async (client) => {
        await this.#flights.greet(client);
        await this.#restrictions.greet(client);
        this.#time.note(await redisNow(client));
      },
      onUp: (wasAway) => this.#up(wasAway),
      onAway: () => this.#flights.refuseWaiting(),
      onRefused: () => void this.close(),
      onReconnect,
      onRisk,
    });
    this.#connections = connections;
    this.#flights = new Flights({
      clock,
      connections,
      instance,
      history,
      keysOf: (room) => this.#rooms.keysOf(room),
      feedOf: (room) => this.#rooms.feedOf(room),
      noteTime: (nowMs) => this.#time.note(nowMs),
      onFault,
      onCommit: options.onCommit,
    });
    const ask: Ask = (room, name, input, read) => this.#flights.ask(room, name, input, read);
    this.#ask = ask;
    this.#rooms = new UsedRooms({ prefix, clock, connections, index, ask, onFault });
    this.#sweeper = new Sweeper({
      clock,
      connections,
      index,
      ask,
      rooms: () => this.#rooms.names(),
      timeoutMs,
      graceMs,
      ageMs: history.ageMs,
    });
    this.#restrictions = new RedisRestrictions({
      prefix,
      clock,
      redis: () => connections.reader,
      subscribe: (channel) => connections.subscribe(channel, (text) => this.#restrictions.take(text)),
      onFault,
    });
    this.#start().catch((error: Error) => connections.opened.reject(error));
  }

  /**
   * Resolves once Redis is there, or is known to be away: then it is waited for.
   * @throws StoreRefusal in one line, if it will never be usable
   */
  async opened(): Promise<void> {
    await this.#connections.opened.promise;
    await this.#firstWatch;
  }

  get status(): StoreStatus {
    return this.#connections.status.value;
  }

  get trouble(): string | undefined {
    return this.#connections.trouble;
  }

  wall(): number {
    return this.#time.wall();
  }

  onStatus(listener: (status: StoreStatus) => void): () => void {
    return this.#connections.status.onChange(listener);
  }

  figures(): StoreFigures {
    const { events, ms } = this.#rooms.lag;
    return {
      reconnects: this.#connections.reconnects,
      lagEvents: events,
      lagMs: Math.round(ms),
      ...this.#flights.figures,
    };
  }

  async load(room: string, listener: StoreListener): Promise<LoadedRoom> {
    this.#connections.requireOpen();
    return await this.#rooms.load(room, listener);
  }

  async openSession(claim: SessionClaim, join: boolean, maxMembers: number): Promise<OpenAnswer> {
    const { room } = claim;
    this.#connections.requireOpen();
    this.#rooms.use(room);
    return await this.#ask(room, 'open', openArguments(claim, join, maxMembers), (reply) => {
      const answer = openAnswer(claim, reply);
      if ('record' in answer) this.#rooms.hold(room, answer.record.sessionId);
      return answer;
    });
  }

  joinSession({ room, sessionId }: SessionRef): Promise<boolean> {
    return this.#ask(room, 'join', [sessionId], (reply) => textOf(reply) === '1');
  }

  async closeSession({ room, sessionId }: SessionRef, reason: SessionEndReason, detail = ''): Promise<void> {
    await this.#ask(room, 'close', [sessionId, reason, detail], () => {});
    this.#rooms.release(room, sessionId);
  }

  async append(room: string, drafts: readonly MessageDraft[]): Promise<readonly AppendAnswer[]> {
    this.#connections.requireOpen();
    return await Promise.all(
      drafts.map((draft) => this.#ask(room, 'append', appendArguments(draft), appendAnswer)),
    );
  }

  async announce(room: string, message: string): Promise<LogPlace> {
    this.#connections.requireOpen();
    const adopting = this.#sweeper.adopt(room);
    // What is asked for in one turn takes effect in that order.
    if (adopting) await adopting;
    return await this.#ask(room, 'announce', announceArguments(message), placeOf);
  }

  redact(room: string, target: number): Promise<RedactAnswer> {
    return this.#ask(room, 'redact', [`${target}`], redactAnswer);
  }

  findSession(room: string, tokenHash: string): Promise<SessionRecord | null> {
    return this.#ask(room, 'find', [tokenHash], (reply) => {
      const record = findAnswer(room, reply);
      // Its end has come before this answer, by the other connection: nobody would tell of it again.
      if (!record || this.#rooms.feedOf(room)?.hasEnded(record.sessionId)) return null;
      this.#rooms.hold(room, record.sessionId);
      return record;
    });
  }

  endingOf(room: string, tokenHash: string): Promise<KnownEnding | null> {
    return this.#ask(room, 'ending', [tokenHash], (reply) => knownEnding(textOf(reply)));
  }

  async catchUp(room: string): Promise<void> {
    const mark = await this.#ask(room, 'gone', [], (_, at) => at);
    const feed = this.#rooms.feedOf(room);
    await feed?.reached(mark);
    if (feed && !feed.isAt(mark)) throw unavailable(isBehind);
  }

  async touch(sessions: readonly SessionTouch[]): Promise<void> {
    this.#connections.requireOpen();
    await Promise.all(
      sessions.map(({ room, sessionId, idleMs = 0 }) =>
        this.#ask(room, 'touch', [sessionId, `${Math.round(idleMs)}`], () => {}),
      ),
    );
  }

  renewUser({ room, sessionId }: SessionRef, user: User): Promise<void> {
    return this.#ask(room, 'renew', [sessionId, userField(user), JSON.stringify(user)], () => {});
  }

  async savePositions(positions: readonly SessionPosition[]): Promise<void> {
    this.#connections.requireOpen();
    await Promise.all(
      positions.map(({ room, sessionId, position }) =>
        this.#ask(room, 'save', [sessionId, formatCursor(position)], () => {}),
      ),
    );
  }

  async expired(
    candidates: readonly SessionRef[],
    idleMs: number,
    unheld?: Delivery,
  ): Promise<readonly SessionRef[]> {
    this.#connections.requireOpen();
    return await this.#sweeper.expired(candidates, idleMs, unheld);
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
    this.#connections.requireOpen();
    return await this.#restrictions.put(draft, forMs);
  }

  async removeRestriction(id: string): Promise<boolean> {
    this.#connections.requireOpen();
    return await this.#restrictions.remove(id);
  }

  trim(): void {
    if (this.status !== 'ready') return;
    this.#restrictions.trim().catch(() => {});
    this.#sweeper.trim();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #watch(listener: RestrictionListener): Promise<() => void> {
    this.#connections.requireOpen();
    await this.#connections.opened.promise.catch(() => {
      // Why Redis refuses is told once, to whoever started the store.
      throw unavailable(isAway);
    });
    return await this.#restrictions.watch(listener);
  }

  async #start(): Promise<void> {
    await this.#connections.start();
    this.#looking = this.#clock.every(lookMs, () => this.#look());
  }

  async #close(): Promise<void> {
    this.#connections.shut();
    await this.#flights.end(closeWaitMs);
    this.#looking?.cancel();
    this.#rooms.close();
    this.#connections.stop();
  }

  #up(wasAway: boolean): void {
    if (wasAway) this.#sweeper.pause();
    this.#rooms.heal();
    this.#restrictions.heal();
    this.#flights.schedule();
  }

  #look(): void {
    this.#connections.look();
    this.#flights.refuseOverdue();
    if (this.status === 'ready') this.#rooms.compare();
  }
}

/**
 * The rooms that this instance uses: it listens to them, or holds sessions in them. For others it is charged nothing.
 *
 * 1. A room has a feed while anybody listens (`load`, `#letGo`), which reads what its channel carries.
 * 2. After an interruption every feed reads what it missed, and the sessions that are held are looked for: what is gone without a
 *    word has expired.
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../../core/clock.ts';
import type { LoadedRoom, StoreListener } from '../../core/store.ts';
import type { Connections } from './connections.ts';
import { explained } from './failures.ts';
import { publicationOf } from './publications.ts';
import { listOf, textOf } from './reply.ts';
import { RoomFeed } from './room-feed.ts';
import type { RoomIndex } from './room-index.ts';
import { keysOf, type RoomKeys } from './room-keys.ts';
import { type Ask, RoomReading } from './room-reading.ts';

interface UsedRoomsOptions {
  readonly prefix: string;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly index: RoomIndex;
  readonly ask: Ask;
  readonly onFault: (error: unknown, doing: string) => void;
}

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

/** How often a room that says nothing is looked at: whether Redis still has it. */
const compareMs = 2_000;
const sessionsAtOnce = 500;

export class UsedRooms {
  readonly #options: UsedRoomsOptions;
  // Bounded by the rooms that are open here, and those with sessions of this instance.
  readonly #rooms = new Map<string, UsedRoom>();
  #comparedAt = 0;

  constructor(options: UsedRoomsOptions) {
    this.#options = options;
  }

  names(): string[] {
    return [...this.#rooms.keys()];
  }

  keysOf(room: string): RoomKeys {
    return this.#rooms.get(room)?.keys ?? keysOf(this.#options.prefix, room);
  }

  feedOf(room: string): RoomFeed | undefined {
    return this.#rooms.get(room)?.feed;
  }

  /** How far this instance is behind what it knows: events in all rooms, and how long in the room where that is longest. */
  get lag(): { readonly events: number; readonly ms: number } {
    const lags = [...this.#rooms.values()].flatMap(({ feed }) => (feed ? [feed.lag] : []));
    return {
      events: lags.reduce((sum, { events }) => sum + events, 0),
      ms: lags.reduce((most, { ms }) => Math.max(most, ms), 0),
    };
  }

  async load(room: string, listener: StoreListener): Promise<LoadedRoom> {
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

  /** Notes that a room is about to be used. */
  use(room: string): void {
    this.#use(room);
  }

  hold(room: string, sessionId: string): void {
    const used = this.#use(room);
    if (!used.feed?.hasEnded(sessionId)) used.held.add(sessionId);
  }

  release(room: string, sessionId: string): void {
    const used = this.#rooms.get(room);
    if (used?.held.delete(sessionId)) this.#letGo(used);
  }

  /** Something may have been missed in all of them. */
  heal(): void {
    for (const { feed } of this.#rooms.values()) feed?.heal();
  }

  /**
   * Looks every now and then whether Redis still has what was seen: rooms that nobody speaks in do not tell. And lets feeds
   * forget what is over.
   */
  compare(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#comparedAt < compareMs) return;
    this.#comparedAt = now;
    for (const { name, feed } of this.#rooms.values()) {
      if (!feed) continue;
      feed.sweep();
      this.#options.ask(name, 'gone', [], (_, mark) => feed.compare(mark)).catch(() => {});
    }
  }

  close(): void {
    for (const { feed } of this.#rooms.values()) feed?.close();
  }

  #use(room: string): UsedRoom {
    let used = this.#rooms.get(room);
    if (!used) {
      const { prefix, connections, index } = this.#options;
      used = {
        name: room,
        keys: keysOf(prefix, room),
        feed: undefined,
        subscribed: undefined,
        loading: 0,
        held: new Set(),
      };
      this.#rooms.set(room, used);
      const { client } = connections;
      // Before anything is in it, so that somebody will look when this process is no more.
      if (client) index.mark(client, [room]).catch(() => {});
    }
    return used;
  }

  #letGo(used: UsedRoom): void {
    if (used.feed?.isUnused && used.loading === 0) {
      used.feed.close();
      used.feed = undefined;
      used.subscribed = undefined;
      this.#options.connections.unsubscribe(used.keys.channel);
    }
    if (!used.feed && used.held.size === 0) this.#rooms.delete(used.name);
  }

  #subscribe(used: UsedRoom): Promise<void> {
    const { connections } = this.#options;
    used.subscribed ??= connections
      .subscribe(used.keys.channel, (text) => used.feed?.take(publicationOf(text)))
      .catch((error) => {
        used.subscribed = undefined;
        throw error;
      });
    return used.subscribed;
  }

  #newFeed({ name, keys, held }: UsedRoom): RoomFeed {
    const { clock, onFault, ask, connections } = this.#options;
    const feed: RoomFeed = new RoomFeed({
      clock,
      onFault,
      source: new RoomReading({ room: name, keys, ask, redis: (): Redis => connections.reader }),
      onEnded: (sessionId) => this.release(name, sessionId),
      onInterruption: () => void this.#lookFor(name, held, feed),
    });
    return feed;
  }

  /** What has gone while this instance heard nothing, and left no ending, has expired. */
  async #lookFor(room: string, held: ReadonlySet<string>, feed: RoomFeed): Promise<void> {
    const ids = [...held];
    for (let i = 0; i < ids.length; i += sessionsAtOnce) {
      const gone = await this.#options
        .ask(room, 'gone', ids.slice(i, i + sessionsAtOnce), (reply) => listOf(reply).map(textOf))
        .catch(() => []);
      feed.tellEnded(gone.filter((id) => held.has(id)));
    }
  }
}

/** The rooms there are: opened on first use, unloaded when nobody has used them for a while [LOG-7]. */

import { ChatRoom, type ChatRoomOptions } from './chat-room.ts';
import type { Clock } from './clock.ts';
import { ChatError } from './errors.ts';
import type { HistoryLimits } from './event-log.ts';
import { HistoryBudget } from './history-budget.ts';
import type { RoomObserver } from './observer.ts';
import { hasRoom, type RoomNames, requireRoom } from './room-names.ts';
import type { Store } from './store.ts';

export interface RoomsOptions {
  readonly names: RoomNames;
  /** How many rooms may be open at once. */
  readonly maxRooms: number;
  readonly maxMembers: number;
  readonly history: HistoryLimits;
  readonly maxTotalBytes: number;
  /** How long an unused room stays in memory. */
  readonly unloadAfterMs: number;
  readonly store: Store;
  readonly clock: Clock;
  readonly observer: RoomObserver;
}

interface OpenRoom {
  readonly room: ChatRoom;
  /** Monotonic milliseconds. */
  usedAt: number;
}

export class Rooms {
  readonly #options: RoomsOptions;
  readonly #roomOptions: Omit<ChatRoomOptions, 'name'>;
  readonly #open = new Map<string, OpenRoom>();
  readonly #loading = new Map<string, Promise<ChatRoom>>();

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#roomOptions = {
      store: options.store,
      history: options.history,
      budget: new HistoryBudget(options.maxTotalBytes),
      maxMembers: options.maxMembers,
      observer: options.observer,
    };
  }

  /** The room if it is in memory. */
  find(name: string): ChatRoom | undefined {
    const open = this.#open.get(name);
    if (!open) return undefined;
    open.usedAt = this.#options.clock.monotonic();
    return open.room;
  }

  /**
   * The room, read from the store if need be. Use what it resolves to in the same synchronous step.
   * @throws ChatError `room-not-found`, or `unavailable` if too many rooms are open or the store is away
   */
  async open(name: string): Promise<ChatRoom> {
    const open = this.find(name);
    if (open) return open;
    this.requireRoom(name);
    let loading = this.#loading.get(name);
    if (!loading) {
      if (this.#open.size + this.#loading.size >= this.#options.maxRooms) {
        throw new ChatError('unavailable', `MAX_ROOMS allows ${this.#options.maxRooms} open rooms.`, {
          retryAfterMs: this.#options.unloadAfterMs,
          full: 'MAX_ROOMS',
        });
      }
      loading = this.#load(name);
      this.#loading.set(name, loading);
    }
    return loading;
  }

  /** Whether there is a room of this name, or may be. */
  isRoom(name: string): boolean {
    return hasRoom(this.#options.names, name);
  }

  /** @throws ChatError `room-not-found` */
  requireRoom(name: string): void {
    requireRoom(this.#options.names, name);
  }

  /** Those in memory. To look at them is not to use them. */
  loaded(): ChatRoom[] {
    return [...this.#open.values()].map(({ room }) => room);
  }

  /** Whether a room is in memory. */
  isLoaded(name: string): boolean {
    return this.#open.has(name);
  }

  /** The names of the rooms that there always are. */
  get configured(): readonly string[] {
    const { names } = this.#options;
    return names === '*' ? [] : [...names];
  }

  /** The configured rooms and those in memory, by name. */
  names(): string[] {
    const { names } = this.#options;
    return [...new Set([...(names === '*' ? [] : names), ...this.#open.keys()])].sort();
  }

  /** Trims every log by age and unloads what nobody uses. */
  trim(): void {
    const wall = this.#options.store.wall?.() ?? this.#options.clock.wall();
    const horizon = this.#options.clock.monotonic() - this.#options.unloadAfterMs;
    for (const [name, open] of this.#open) {
      open.room.trim(wall);
      if (!open.room.isIdle) open.usedAt = this.#options.clock.monotonic();
      else if (open.usedAt < horizon) {
        this.#open.delete(name);
        open.room.unload();
      }
    }
  }

  /** Unloads everything. */
  close(): void {
    for (const { room } of this.#open.values()) room.unload();
    this.#open.clear();
  }

  async #load(name: string): Promise<ChatRoom> {
    try {
      const room = await ChatRoom.load({ ...this.#roomOptions, name });
      this.#open.set(name, { room, usedAt: this.#options.clock.monotonic() });
      return room;
    } finally {
      this.#loading.delete(name);
    }
  }
}

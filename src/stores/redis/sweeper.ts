/**
 * Looks after what nobody asks for: idle sessions, of other instances too; what is too old; rooms that nothing is left in. After an
 * interruption nobody is swept before everybody had the time to say that he is there.
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../../core/clock.ts';
import type { Delivery, SessionRef } from '../../core/store.ts';
import type { Connections } from './connections.ts';
import { explained } from './failures.ts';
import { limitText, listOf, textOf } from './reply.ts';
import type { RoomIndex } from './room-index.ts';
import type { Ask } from './room-reading.ts';

interface SweeperOptions {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly index: RoomIndex;
  readonly ask: Ask;
  /** The rooms that this instance uses. */
  rooms(): string[];
  /** After how long an idle session expires. */
  readonly timeoutMs: number;
  readonly graceMs: number;
  /** For how long events are kept. */
  readonly ageMs: number;
}

// Of each room in one go.
const sweptAtOnce = 64;
const trimmedAtOnce = 1_000;

export class Sweeper {
  readonly #options: SweeperOptions;
  // Since the last trim: somebody has to look after rooms that hold nothing but that.
  readonly #announced = new Set<string>();
  /** Monotonic milliseconds. */
  #sweptAt = Number.NEGATIVE_INFINITY;
  /** In the same: nobody is swept before. */
  #sweepsFrom = 0;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /** Everybody first says that he is there, on whichever instance. */
  pause(): void {
    const { clock, timeoutMs } = this.#options;
    this.#sweepsFrom = clock.monotonic() + timeoutMs;
  }

  /**
   * Sees to a room in which something is to be announced, whether or not anybody is in it.
   * @returns undefined if there is nothing to wait for
   */
  adopt(room: string): Promise<void> | undefined {
    const { connections, index, rooms } = this.#options;
    this.#announced.add(room);
    const isKnown = rooms().includes(room);
    if (!connections.client || isKnown) return undefined;
    return index.mark(connections.client, [room]).catch(rethrow);
  }

  /** @see Store.expired */
  async expired(
    candidates: readonly SessionRef[],
    idleMs: number,
    unheld: Delivery | undefined,
  ): Promise<readonly SessionRef[]> {
    const { clock, graceMs, ask } = this.#options;
    if (clock.monotonic() < this.#sweepsFrom) return [];
    const own = candidates.map(async ({ room, sessionId }) => {
      const input = [sessionId, `${idleMs}`, `${graceMs}`];
      const isGiven = await ask(room, 'expired', input, (reply) => reply === '1');
      return isGiven ? [{ room, sessionId }] : [];
    });
    const given = await Promise.all([...own, this.#sweep(idleMs, unheld).catch(rethrow)]);
    return given.flat();
  }

  /** Drops what is older than is kept. */
  trim(): void {
    for (const room of new Set([...this.#options.rooms(), ...this.#announced]))
      this.#trim(room).catch(() => {});
    this.#announced.clear();
  }

  async #trim(room: string): Promise<void> {
    const { ask, ageMs } = this.#options;
    await ask(room, 'trim', [limitText(ageMs), `${trimmedAtOnce}`], () => {});
  }

  /** Of the rooms that this instance uses, and of some that none uses, the idle sessions of other instances. */
  async #sweep(idleMs: number, unheld: Delivery | undefined): Promise<readonly SessionRef[]> {
    const { clock, connections, index, graceMs, ask } = this.#options;
    const redis = connections.client;
    const now = clock.monotonic();
    if (!redis || now - this.#sweptAt < idleMs / 4) return [];
    this.#sweptAt = now;
    const used = this.#options.rooms();
    await index.mark(redis, used);
    const unused = await index.unused(redis, idleMs);
    const input = [`${idleMs + graceMs}`, unheld ?? '', `${sweptAtOnce}`];
    const given = await Promise.all(
      [...used, ...unused].map((room) =>
        ask(room, 'sweep', input, (reply) => listOf(reply).map((id) => ({ room, sessionId: textOf(id) }))),
      ),
    );
    await this.#forget(redis, unused);
    // There may be more: who asks again, having closed these, gets them.
    if (given.some(({ length }) => length >= sweptAtOnce)) this.#sweptAt = Number.NEGATIVE_INFINITY;
    return given.flat();
  }

  /** Forgets rooms in which nothing is left, and looks at the others again later. */
  async #forget(redis: Redis, rooms: readonly string[]): Promise<void> {
    const { ask, index } = this.#options;
    const forgotten: string[] = [];
    const kept: string[] = [];
    for (const room of rooms) {
      await this.#trim(room);
      const isGone = await ask(room, 'forget', [], (reply) => reply === '1');
      (isGone ? forgotten : kept).push(room);
    }
    await index.forget(redis, forgotten);
    await index.mark(redis, kept);
  }
}

/** @throws what callers are told of an error of Redis */
function rethrow(error: unknown): never {
  throw explained(error);
}

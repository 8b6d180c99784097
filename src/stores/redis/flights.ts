/**
 * What is asked of rooms, on its way to Redis and back.
 *
 * 1. What is asked for gathers in batches; at most one round trip of it is under way (`#flight`). `#run` starts the next one, in
 *    the turn after `#schedule`.
 * 2. An answer waits for the room's feed here to have heard what it tells, for a second at the most [P-1].
 * 3. A batch whose connection broke is sent again, unless the store is away: then nobody waits for it.
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../../core/clock.ts';
import type { HistoryLimits } from '../../core/event-log.ts';
import { keysPerSession } from '../../core/store.ts';
import { Deferred } from '../deferred.ts';
import { newEpoch } from '../new-epoch.ts';
import type { Connections } from './connections.ts';
import { hasForgottenScript, isAway, isBroken, isPassing, unavailable, withoutInput } from './failures.ts';
import { limitText, listOf, type Mark, numberOf, type Reply, textOf } from './reply.ts';
import { type Batch, RoomBatches, refuse } from './room-batches.ts';
import type { RoomFeed } from './room-feed.ts';
import type { RoomKeys } from './room-keys.ts';
import { roomScript } from './script/room-script.ts';

interface FlightsOptions {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly instance: string;
  readonly history: HistoryLimits;
  keysOf(room: string): RoomKeys;
  /** What hears the room here, if anything does. */
  feedOf(room: string): RoomFeed | undefined;
  /** Told what time it is for Redis. */
  noteTime(nowMs: number): void;
  readonly onFault: (error: unknown, doing: string) => void;
  /** Told how long a round trip took that carried something out. */
  readonly onCommit?: ((ms: number) => void) | undefined;
}

// A caller waits at most so long; his own deadline is later, so that he gets an answer and not silence.
const overdueMs = 5_000;
const isClosed = 'The store is closed.';
const script = roomScript({ keysPerSession, endings: 1_000, endingsMs: 10 * 60_000, batchesMs: 60_000 });
// What is acknowledged only after this instance itself has heard of it [P-1].
const changes: ReadonlySet<string> = new Set(['open', 'join', 'close', 'append', 'announce', 'redact']);

export class Flights {
  readonly #options: FlightsOptions;
  readonly #batches: RoomBatches;
  readonly #limits: readonly [events: string, bytes: string];
  #scriptHash = '';
  #isScheduled = false;
  #flight: readonly Batch[] | undefined;
  /** Settled once the flight is over. */
  #landing: Promise<void> | undefined;
  #hasEnded = false;
  // Answers that wait for a feed, each for a second at the most.
  readonly #answering = new Set<Promise<void>>();
  #roundTrips = 0;
  #operations = 0;

  constructor(options: FlightsOptions) {
    this.#options = options;
    this.#batches = new RoomBatches(options.clock);
    this.#limits = [limitText(options.history.events), limitText(options.history.bytes)];
  }

  /** How many operations have no answer yet, how many there were, and in how many round trips. */
  get figures(): { readonly waiting: number; readonly operations: number; readonly roundTrips: number } {
    const underWay = this.#flight?.reduce((sum, { operations }) => sum + operations.length, 0) ?? 0;
    return {
      waiting: this.#batches.size + underWay,
      operations: this.#operations,
      roundTrips: this.#roundTrips,
    };
  }

  /** Makes a new connection ready. */
  async greet(client: Redis): Promise<void> {
    this.#scriptHash = (await client.script('LOAD', script)) as string;
  }

  /**
   * Asks something of a room.
   * @returns what `read` makes of the answer, after this instance has heard of what it changed [P-1]
   * @throws ChatError `unavailable`; then nobody knows whether it took effect
   */
  async ask<T>(
    room: string,
    name: string,
    input: readonly string[],
    read: (reply: Reply | undefined, mark: Mark) => T,
  ): Promise<T> {
    this.#options.connections.requireOpen();
    const answer = this.#batches.add(room, name, input, read);
    this.schedule();
    return await answer;
  }

  /** Sends what has gathered with the next turn, if it can be sent. */
  schedule(): void {
    const { client } = this.#options.connections;
    if (this.#isScheduled || this.#flight || this.#batches.isEmpty || !client) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#run();
    });
  }

  /** Tells those that nobody waits for any longer. */
  refuseOverdue(): void {
    this.#batches.refuseOlder(overdueMs, isAway);
  }

  /** Redis is away: nobody waits for it. */
  refuseWaiting(): void {
    this.#batches.refuseOlder(0, isAway);
  }

  /**
   * Carries out what was asked for, and refuses the rest.
   * @param waitMs what it may take
   */
  async end(waitMs: number): Promise<void> {
    const isLate = new Deferred<void>();
    const timer = this.#options.clock.after(waitMs, () => isLate.resolve());
    await Promise.race([this.#finish(), isLate.promise]);
    timer.cancel();
    this.#hasEnded = true;
    this.#batches.refuseAll(isClosed);
  }

  async #finish(): Promise<void> {
    const { connections } = this.#options;
    while (connections.client && !this.#hasEnded && (this.#flight || !this.#batches.isEmpty)) {
      await (this.#landing ?? this.#run());
    }
    await Promise.all(this.#answering);
  }

  async #run(): Promise<void> {
    const redis = this.#options.connections.client;
    if (this.#flight || this.#batches.isEmpty || !redis) return;
    this.#flight = this.#batches.take();
    this.#landing = this.#fly(redis, this.#flight).finally(() => {
      this.#flight = undefined;
      this.#landing = undefined;
      this.schedule();
    });
    await this.#landing;
  }

  async #fly(redis: Redis, flight: readonly Batch[]): Promise<void> {
    const pipeline = redis.pipeline();
    const epoch = newEpoch();
    for (const batch of flight) pipeline.evalsha(this.#scriptHash, ...this.#input(batch, epoch));
    this.#roundTrips += 1;
    this.#operations += flight.reduce((sum, { operations }) => sum + operations.length, 0);
    const { clock, connections, onCommit } = this.#options;
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
    if (connections.status.value !== 'away' && !this.#hasEnded) this.#batches.breakOff(brokenOff);
    else for (const { operations } of brokenOff) refuse(operations, unavailable(isAway));
  }

  #input({ room, number, operations }: Batch, epoch: string): [keys: number, ...(readonly string[])] {
    const { instance, keysOf, feedOf } = this.#options;
    const { all, channel } = keysOf(room);
    const seen = feedOf(room)?.seen;
    return [
      all.length,
      ...all,
      channel,
      instance,
      number,
      seen?.epoch ?? '',
      `${seen?.head ?? 0}`,
      epoch,
      ...this.#limits,
      ...operations.flatMap(({ name, input }) => [name, `${input.length}`, ...input]),
    ];
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
    this.#options.noteTime(numberOf(now));
    const mark: Mark = { epoch: textOf(epoch), head: numberOf(head), pub: numberOf(pub) };
    const replies = listOf(answers);
    const tell = (isTold: (name: string) => boolean): void => {
      for (const [index, operation] of operations.entries()) {
        if (isTold(operation.name)) operation.answer(replies[index], mark);
      }
    };
    // What changes nothing need not wait, and what a feed itself asks must not.
    tell((name) => !changes.has(name));
    const feed = this.#options.feedOf(room);
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

  #refuse({ room, operations }: Batch, error: Error): void {
    const { connections, onFault } = this.#options;
    if (hasForgottenScript(error)) {
      refuse(operations, unavailable(isAway));
      // A new connection loads it again.
      connections.renew(error);
    } else if (isPassing(error)) {
      refuse(operations, unavailable(isAway));
      connections.refused(error);
    } else {
      const told = withoutInput(error);
      onFault(told, `asking Redis for something of room ${room}`);
      refuse(operations, told);
    }
  }
}

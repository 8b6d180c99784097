/**
 * What a Redis store was asked and has not been answered yet: operations gather per room, and what has gathered goes to Redis
 * as one batch per room, all batches in one round trip.
 *
 * 1. An operation waits (`#waiting`, in the order of the calls) or is in a batch under way, or is settled.
 * 2. A batch whose connection broke before the answer is put back in front with its number: the script knows it by that if it
 *    was carried out [P-1].
 * 3. A caller is told once: by an answer, or by `unavailable` if there is none in time. Then nobody knows whether the
 *    operation took effect.
 */

import type { Time } from '../../core/clock.ts';
import { unavailable } from './failures.ts';
import type { Mark, Reply } from './reply.ts';

interface Operation {
  readonly name: string;
  readonly input: readonly string[];
  /** Monotonic milliseconds. */
  readonly askedAt: number;
  answer(reply: Reply | undefined, mark: Mark): void;
  refuse(error: Error): void;
}

/** What is asked of one room in one go. */
export interface Batch {
  readonly room: string;
  /** No other batch of this instance has it. */
  readonly number: string;
  readonly operations: readonly Operation[];
}

// One round trip carries so many batches and operations at the most: Redis serves nobody else while it carries out a batch, and
// the answers of a round trip come in one turn of the event loop.
const maxBatches = 256;
const maxOperations = 1_024;

export class RoomBatches {
  readonly #time: Pick<Time, 'monotonic'>;
  // Bounded by the requests in flight: every operation is awaited by one, for as long as callers wait at the most.
  readonly #waiting = new Map<string, Operation[]>();
  #broken: Batch[] = [];
  #count = 0;

  constructor(time: Pick<Time, 'monotonic'>) {
    this.#time = time;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#broken.length === 0;
  }

  /** How many operations are neither settled nor under way. */
  get size(): number {
    const ofBatches = this.#broken.reduce((sum, { operations }) => sum + operations.length, 0);
    return [...this.#waiting.values()].reduce((sum, operations) => sum + operations.length, ofBatches);
  }

  /**
   * Lets an operation wait for its turn.
   * @returns what `read` makes of the reply; rejects with `unavailable`, or with what `read` throws
   */
  add<T>(
    room: string,
    name: string,
    input: readonly string[],
    read: (reply: Reply | undefined, mark: Mark) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const operation: Operation = {
        name,
        input,
        askedAt: this.#time.monotonic(),
        answer: (reply, mark) => {
          try {
            resolve(read(reply, mark));
          } catch (error) {
            reject(error);
          }
        },
        refuse: reject,
      };
      const waiting = this.#waiting.get(room);
      if (waiting) waiting.push(operation);
      else this.#waiting.set(room, [operation]);
    });
  }

  /** The next round trip: what was broken off first, and by itself, for its numbers must not be overtaken by others. */
  take(): readonly Batch[] {
    if (this.#broken.length > 0) {
      const broken = this.#broken;
      this.#broken = [];
      return broken;
    }
    const batches: Batch[] = [];
    let room = maxOperations;
    for (const [name, waiting] of this.#waiting) {
      if (batches.length >= maxBatches || room <= 0) break;
      const operations = waiting.slice(0, room);
      room -= operations.length;
      this.#waiting.delete(name);
      // Behind the others: a room in which much is asked for keeps none of them waiting [P-3].
      if (operations.length < waiting.length) this.#waiting.set(name, waiting.slice(operations.length));
      this.#count += 1;
      batches.push({ room: name, number: `${this.#count}`, operations });
    }
    return batches;
  }

  /** Puts batches back that may have been carried out, without an answer. */
  breakOff(batches: readonly Batch[]): void {
    this.#broken = [...batches, ...this.#broken];
  }

  /** Refuses what was asked for `waitMs` ago or longer. A batch that was broken off is refused as a whole. */
  refuseOlder(waitMs: number, detail: string): void {
    const horizon = this.#time.monotonic() - waitMs;
    const isLate = ({ askedAt }: Operation): boolean => askedAt <= horizon;
    const late = this.#broken.filter(({ operations }) => operations.some(isLate));
    this.#broken = this.#broken.filter((batch) => !late.includes(batch));
    for (const batch of late) refuse(batch.operations, unavailable(detail));
    for (const [room, waiting] of this.#waiting) {
      const rest = waiting.filter((operation) => !isLate(operation));
      if (rest.length === waiting.length) continue;
      if (rest.length === 0) this.#waiting.delete(room);
      else this.#waiting.set(room, rest);
      refuse(waiting.filter(isLate), unavailable(detail));
    }
  }

  /** Nothing that waits will be carried out. */
  refuseAll(detail: string): void {
    const waiting = [
      ...this.#broken.flatMap((batch) => batch.operations),
      ...[...this.#waiting.values()].flat(),
    ];
    this.#broken = [];
    this.#waiting.clear();
    refuse(waiting, unavailable(detail));
  }
}

/** Tells those who asked for something that they get no answer. */
export function refuse(operations: readonly Operation[], error: Error): void {
  for (const operation of operations) operation.refuse(error);
}

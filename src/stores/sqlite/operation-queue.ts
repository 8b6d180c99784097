/**
 * The operations that a store was asked for and that are not answered yet: which of them are the next transaction, which
 * are overdue, and who is refused. It knows neither thread nor file.
 *
 * 1. An operation waits (`#waiting`), or is in the one transaction under way (`#running`), or is settled: `start` takes it
 *    from the first to the second, and `answer`, `refuse` and `rejectAll` settle it.
 * 2. Operations run in the order of the calls. Only a read whose transaction failed because of others runs once more,
 *    before all that wait.
 * 3. A load, and a reading of all restrictions, is a transaction of its own: what is committed with it would be neither in its answer nor after it.
 * 4. A caller is told once: by an answer, or by `unavailable` if it has none in time. One that runs and is overdue stays in
 *    the transaction, since it may still take effect; its answer, if it comes, is for nobody (`Unheard`).
 */

import type { Time } from '../../core/clock.ts';
import { ChatError } from '../../core/errors.ts';
import type { Operation, OperationName, Operations } from './protocol.ts';

/** What was carried out although its caller has gone. */
export interface Unheard {
  readonly operation: Operation;
  /** In words, the bug that it ran into. */
  readonly bug: string | undefined;
}

interface Pending {
  readonly operation: Operation;
  /** Monotonic milliseconds. */
  readonly askedAt: number;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
  /** Rejected already. */
  isOver: boolean;
}

// A caller waits at most so long; his own deadline is later, so that he gets an answer and not silence.
const overdueMs = 5_000;
const retryAfterMs = 2_000;
// So many operations are one transaction at the most: its answers come in one turn of the event loop.
const maxBatch = 512;
// A transaction of its own: what is committed with one would be neither in its answer nor after it.
const alone: ReadonlySet<OperationName> = new Set(['load', 'restrictions']);
// What changes nothing in the file. While the store is away it does not share a transaction that is likely to fail.
const reads: ReadonlySet<OperationName> = new Set(['find', 'expired']);

export class OperationQueue {
  readonly #time: Pick<Time, 'monotonic'>;
  // Bounded by the requests in flight: every entry is awaited by one, for `overdueMs` at the most.
  #waiting: Pending[] = [];
  #running: readonly Pending[] | undefined;

  constructor(time: Pick<Time, 'monotonic'>) {
    this.#time = time;
  }

  /** Whether nothing waits to be started. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether a transaction is under way. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Lets an operation wait for its turn.
   * @param onAnswer called within `answer`, before anything later is published
   * @returns its answer; rejects with `unavailable`, or with a bug that it ran into
   */
  add<N extends OperationName>(
    name: N,
    input: Operations[N]['ask'],
    onAnswer?: (answer: Operations[N]['answer']) => void,
  ): Promise<Operations[N]['answer']> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        operation: { name, ...input } as Operation,
        askedAt: this.#time.monotonic(),
        resolve: (answer) => {
          const given = answer as Operations[N]['answer'];
          onAnswer?.(given);
          resolve(given);
        },
        reject,
        isOver: false,
      });
    });
  }

  /**
   * Takes the next transaction from those that wait; not to be called while one is under way.
   * @param isAway keeps what only reads apart from what writes
   */
  start(isAway: boolean): readonly Operation[] {
    const end = this.#batchLength(isAway);
    this.#running = this.#waiting.slice(0, end);
    this.#waiting = this.#waiting.slice(end);
    return this.#running.map(({ operation }) => operation);
  }

  /**
   * The transaction under way was committed.
   * @param bugs in words, what kept some of its operations from being carried out, by their index
   */
  answer(answers: readonly unknown[], bugs: ReadonlyMap<number, string>): readonly Unheard[] {
    const unheard: Unheard[] = [];
    this.#takeRunning().forEach((pending, index) => {
      const bug = bugs.get(index);
      if (pending.isOver) unheard.push({ operation: pending.operation, bug });
      else if (bug !== undefined) pending.reject(new Error(bug));
      else pending.resolve(answers[index]);
    });
    return unheard;
  }

  /** The transaction under way failed: its writes are refused; what only shared it with them is in the next one. */
  refuse(): void {
    const running = this.#takeRunning();
    const isMixed = !running.every(isRead);
    const again = running.filter((pending) => isMixed && isRead(pending) && !pending.isOver);
    for (const pending of running) {
      if (!again.includes(pending)) reject(pending, 'The store cannot write at the moment.');
    }
    this.#waiting = [...again, ...this.#waiting];
  }

  /**
   * Rejects what was asked for too long ago, and with it all of a transaction that has such an operation.
   * @returns whether the transaction under way is overdue: then nobody knows whether it takes effect
   */
  rejectOverdue(): boolean {
    const now = this.#time.monotonic();
    const isOverdue = ({ askedAt }: Pending) => now - askedAt >= overdueMs;
    const isStuck = this.#running?.some(isOverdue) ?? false;
    // Nobody waits for a room to be let go, or asks for it again.
    const waiting = this.#waiting.filter((next) => next.operation.name !== 'unload' && isOverdue(next));
    const overdue = [...(isStuck ? (this.#running ?? []) : []), ...waiting];
    if (overdue.length === 0) return isStuck;
    for (const pending of overdue) reject(pending, 'The store does not answer at the moment.');
    this.#waiting = this.#waiting.filter((pending) => !pending.isOver);
    return isStuck;
  }

  /** Nothing will be carried out any more. */
  rejectAll(detail: string): void {
    const all = [...this.#takeRunning(), ...this.#waiting];
    this.#waiting = [];
    for (const pending of all) reject(pending, detail);
  }

  #takeRunning(): readonly Pending[] {
    const running = this.#running ?? [];
    this.#running = undefined;
    return running;
  }

  /** How many operations are the next transaction. */
  #batchLength(isAway: boolean): number {
    const [first] = this.#waiting;
    if (!first || alone.has(first.operation.name)) return 1;
    const isReading = isRead(first);
    const length = this.#waiting.findIndex(
      (next) => alone.has(next.operation.name) || (isAway && isRead(next) !== isReading),
    );
    return length < 0 ? maxBatch : Math.min(maxBatch, length);
  }
}

/** What a caller is told who may ask again. */
export function unavailable(detail: string): ChatError {
  return new ChatError('unavailable', detail, { retryAfterMs });
}

function isRead({ operation }: Pending): boolean {
  return reads.has(operation.name);
}

function reject(pending: Pending, detail: string): void {
  if (pending.isOver) return;
  pending.isOver = true;
  pending.reject(unavailable(detail));
}

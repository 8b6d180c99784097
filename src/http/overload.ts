/**
 * Whether the process has more to do than it can bear: then nobody new is let in, and those inside go on.
 *
 * Invariants: it begins after `looksToBegin` looks in a row over a bound, and ends after `looksToEnd` in a row well below all
 * of them (`#look`). One stall, such as a collection of garbage, is no overload; nor does it come and go with each newcomer.
 */

import type { Clock, Timer } from '../core/clock.ts';
import { ChatError } from '../core/errors.ts';
import type { OverloadCause, RoomObserver, Strain } from '../core/observer.ts';

export interface OverloadOptions {
  readonly clock: Clock;
  /** `Infinity`: without bound. */
  readonly bounds: Strain;
  /** How it is; the delay since it was asked for last. */
  readonly measure: () => Strain;
  readonly observer: RoomObserver;
}

const lookEveryMs = 1_000;
const looksToBegin = 2;
const looksToEnd = 3;
// Longer than it takes to see that there is less to do.
const retryAfterMs = 5_000;
// What is below these shares of its bound is well. Memory is seldom given back.
const calmDelay = 0.5;
const calmMemory = 0.95;

export class Overload {
  readonly #options: OverloadOptions;
  #cause: OverloadCause | undefined;
  #since: number | undefined;
  /** Looks in a row that speak for a change. */
  #looks = 0;
  #timer: Timer | undefined;

  constructor(options: OverloadOptions) {
    this.#options = options;
  }

  /** What there is too much of, if it is overloaded. */
  get cause(): OverloadCause | undefined {
    return this.#cause;
  }

  /** In wall milliseconds; undefined if it is not overloaded. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Nothing is measured where nothing is bounded. */
  start(): void {
    const { clock, bounds } = this.#options;
    if (Object.values(bounds).every((bound) => bound === Number.POSITIVE_INFINITY)) return;
    this.#timer = clock.every(lookEveryMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { bounds, clock, measure, observer } = this.#options;
    const strain = measure();
    const exceeded = this.#cause === undefined ? exceededOf(strain, bounds, 1, 1) : undefined;
    const speaksForChange =
      this.#cause === undefined
        ? exceeded !== undefined
        : exceededOf(strain, bounds, calmDelay, calmMemory) === undefined;
    this.#looks = speaksForChange ? this.#looks + 1 : 0;
    if (this.#looks < (this.#cause === undefined ? looksToBegin : looksToEnd)) return;
    this.#looks = 0;
    this.#cause = exceeded;
    this.#since = exceeded && clock.wall();
    observer.overload?.(exceeded, strain);
  }
}

/**
 * For whoever is not inside yet. Those who are go on.
 * @throws ChatError `unavailable` while there is too much to do
 */
export function requireRelief({ cause }: Pick<Overload, 'cause'>): void {
  if (cause === undefined) return;
  const detail = 'The server has too much to do to let anybody in. Try again in a moment.';
  throw new ChatError('unavailable', detail, {
    retryAfterMs,
    full: cause === 'memory' ? 'MAX_MEMORY' : 'MAX_LOOP_DELAY',
  });
}

/** What is over its share of a bound. */
function exceededOf(
  { loopDelayMs, rssBytes, heapBytes }: Strain,
  bounds: Strain,
  ofDelay: number,
  ofMemory: number,
): OverloadCause | undefined {
  if (loopDelayMs > bounds.loopDelayMs * ofDelay) return 'loop-delay';
  const isShort = rssBytes > bounds.rssBytes * ofMemory || heapBytes > bounds.heapBytes * ofMemory;
  return isShort ? 'memory' : undefined;
}

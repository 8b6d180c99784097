/**
 * Whether the process has more to do than it can bear: then nobody new is let in, and those inside go on.
 *
 * Invariants: it begins after `looksToBegin` looks in a row over a bound, and ends after `looksToEnd` in a row over none, and well
 * below the one that is its cause (`#look`). One stall, such as a collection of garbage, is no overload; nor does it come and go
 * with each newcomer; nor does memory that is always near its bound keep it up after a stall.
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
// The cause must go below this share of its bound. Memory is seldom given back.
const calmDelay = 0.5;
const calmMemory = 0.95;

export class Overload {
  readonly #options: OverloadOptions;
  #cause: OverloadCause | undefined;
  #since: number | undefined;
  /** What the last looks in a row have found to be over its bound, and how many they are. */
  #found: OverloadCause | undefined;
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
    const exceeded = exceededOf(strain, bounds, this.#cause);
    this.#looks = exceeded === this.#found ? this.#looks + 1 : 1;
    this.#found = exceeded;
    if (exceeded === this.#cause) return;
    if (this.#looks < (exceeded === undefined ? looksToEnd : looksToBegin)) return;
    this.#since = exceeded && (this.#since ?? clock.wall());
    this.#cause = exceeded;
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

/** What is over its bound; the cause of an overload stays it for longer. */
function exceededOf(
  { loopDelayMs, rssBytes, heapBytes }: Strain,
  bounds: Strain,
  cause: OverloadCause | undefined,
): OverloadCause | undefined {
  const ofDelay = cause === 'loop-delay' ? calmDelay : 1;
  const ofMemory = cause === 'memory' ? calmMemory : 1;
  if (loopDelayMs > bounds.loopDelayMs * ofDelay) return 'loop-delay';
  const isShort = rssBytes > bounds.rssBytes * ofMemory || heapBytes > bounds.heapBytes * ofMemory;
  return isShort ? 'memory' : undefined;
}

/**
 * When the rooms' passes run: in slices, one at a time, so that no turn of the event loop is long [FAN-7].
 *
 * - A pass that took t ms is not followed by the next one of its room for min(t, 20) whole ms [FAN-2]: at low load that is no
 *   delay, under load it halves the writing and doubles the batches. When passes follow each other without end it is
 *   min(1.75 t, 20) ms: a third of the time writes what would else take half of it, in batches that are larger by a third.
 * - A slice lasts as long as the loop spent elsewhere since the last one, at least 1 ms and at most 8: who reconnects
 *   waits for a turn of the loop, and a pass that got less than its share would starve behind requests.
 */

import type { Clock } from '../core/clock.ts';

/** A pass over a room's streams, done in slices. */
export interface Pass {
  /** Goes on until `isOver` says that the slice is used up. True if the pass is done. */
  advance(isOver: () => boolean): boolean;
}

/** `waiting` for its first slice, `running` between slices, `resting` after the last. */
type State = 'idle' | 'waiting' | 'running' | 'resting';

interface Entry {
  readonly pass: Pass;
  state: State;
  /** Something came that the pass under way may have missed: it is followed by another one. */
  isAgain: boolean;
  spentMs: number;
  /** It was asked for while the one before was under way or rested. */
  isFollowing: boolean;
}

const minSliceMs = 1;
const maxSliceMs = 8;
const maxRestMs = 20;
const followingRestFactor = 1.75;
// Timers have whole milliseconds; what is less is no delay worth one.
const leastRestMs = 1;

export class Passes {
  readonly #clock: Clock;
  readonly #entries = new WeakMap<Pass, Entry>();
  // In turn: each room's pass gets a slice before one gets the next. At most one entry per room.
  readonly #queue: Entry[] = [];
  #isScheduled = false;
  #lastSliceEnd = 0;
  #sliceEnd = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for a pass; asking again before it has ended leads to one more at the most. */
  request(pass: Pass): void {
    let entry = this.#entries.get(pass);
    if (!entry) {
      entry = { pass, state: 'idle', isAgain: false, spentMs: 0, isFollowing: false };
      this.#entries.set(pass, entry);
    }
    if (entry.state === 'idle') this.#enqueue(entry, false);
    else if (entry.state !== 'waiting') entry.isAgain = true;
  }

  #enqueue(entry: Entry, isFollowing: boolean): void {
    entry.state = 'waiting';
    entry.isFollowing = isFollowing;
    entry.isAgain = false;
    entry.spentMs = 0;
    this.#queue.push(entry);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queue.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#slice());
  }

  #slice(): void {
    this.#isScheduled = false;
    let start = this.#clock.monotonic();
    const shareMs = Math.min(maxSliceMs, Math.max(minSliceMs, start - this.#lastSliceEnd));
    this.#sliceEnd = start + shareMs;
    // A short pass leaves the rest of the share to the next: with many rooms, one pass a turn would starve them all.
    for (let left = this.#queue.length; left > 0 && start < this.#sliceEnd; left--) {
      const entry = this.#queue.shift();
      if (!entry) break;
      entry.state = 'running';
      const isDone = entry.pass.advance(this.#isOver);
      const end = this.#clock.monotonic();
      entry.spentMs += end - start;
      start = end;
      if (isDone) this.#rest(entry);
      else this.#queue.push(entry);
    }
    this.#lastSliceEnd = start;
    this.#schedule();
  }

  readonly #isOver = (): boolean => this.#clock.monotonic() >= this.#sliceEnd;

  #rest(entry: Entry): void {
    const factor = entry.isFollowing ? followingRestFactor : 1;
    const restMs = Math.min(factor * entry.spentMs, maxRestMs);
    if (restMs < leastRestMs) {
      this.#wake(entry);
      return;
    }
    entry.state = 'resting';
    this.#clock.after(restMs, () => this.#wake(entry));
  }

  #wake(entry: Entry): void {
    entry.state = 'idle';
    if (entry.isAgain) this.#enqueue(entry, true);
  }
}

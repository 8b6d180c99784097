/**
 * One pass over a room's streams for all that was committed in a turn of the event loop.
 *
 * What a stream at some position gets is encoded once and shared by all that stand there [FAN-1, LOG-6].
 */

import type { RoomListener } from '../core/callback-adapter.ts';
import type { ChatRoom } from '../core/chat-room.ts';
import { eventsText, type Frame, frameOf } from './sse-frame.ts';

/** A stream as a pass sees it. */
export interface FanOutTarget {
  flush(): void;
  fail(error: unknown): void;
}

/** Events in one frame. */
export interface Slice {
  readonly frame: Frame;
  readonly lastId: number;
}

// How many slices are remembered, each at most `maxSliceBytes`: for streams that catch up side by side.
const maxSlices = 16;

export class FanOut implements RoomListener {
  readonly #room: ChatRoom;
  readonly #maxSliceBytes: number;
  readonly #targets = new Set<FanOutTarget>();
  readonly #slices = new Map<number, Slice>();
  #isScheduled = false;

  /** @param maxSliceBytes how much is written to a socket before waiting for it to drain */
  constructor(room: ChatRoom, maxSliceBytes: number) {
    this.#room = room;
    this.#maxSliceBytes = maxSliceBytes;
  }

  add(target: FanOutTarget): void {
    if (this.#targets.size === 0) this.#room.listen(this);
    this.#targets.add(target);
  }

  delete(target: FanOutTarget): void {
    if (!this.#targets.delete(target) || this.#targets.size > 0) return;
    this.#room.unlisten(this);
    this.#slices.clear();
  }

  deliver(): void {
    // A remembered slice may have ended at the old head.
    this.#slices.clear();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#pass());
  }

  fail(error: unknown): void {
    for (const target of this.#targets) target.fail(error);
  }

  /** The next events after an id; undefined if they are no longer kept. */
  sliceAfter(id: number): Slice | undefined {
    const known = this.#slices.get(id);
    if (known) return known;
    const { log } = this.#room;
    const page = { events: Number.POSITIVE_INFINITY, bytes: this.#maxSliceBytes };
    const { gap, events, cursor } = log.since({ epoch: log.epoch, id }, page);
    if (gap) return undefined;
    const slice = { frame: frameOf(eventsText(log.epoch, events)), lastId: cursor.id };
    for (const oldest of this.#slices.keys()) {
      if (this.#slices.size < maxSlices) break;
      this.#slices.delete(oldest);
    }
    this.#slices.set(id, slice);
    return slice;
  }

  #pass(): void {
    this.#isScheduled = false;
    for (const target of this.#targets) {
      try {
        target.flush();
      } catch (error) {
        target.fail(error);
      }
    }
  }
}

/** The one fan-out of each room. */
export class FanOuts {
  readonly #maxSliceBytes: number;
  readonly #fanOuts = new WeakMap<ChatRoom, FanOut>();

  constructor(maxSliceBytes: number) {
    this.#maxSliceBytes = maxSliceBytes;
  }

  of(room: ChatRoom): FanOut {
    let fanOut = this.#fanOuts.get(room);
    if (!fanOut) {
      fanOut = new FanOut(room, this.#maxSliceBytes);
      this.#fanOuts.set(room, fanOut);
    }
    return fanOut;
  }
}

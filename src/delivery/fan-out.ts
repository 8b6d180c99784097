/**
 * One pass over a room's streams for all that was committed in a turn of the event loop.
 *
 * What a stream at some position gets is encoded once and shared by all that stand there [FAN-1, LOG-6].
 */

import { tell } from '../core/call-hooks.ts';
import type { RoomListener } from '../core/callback-adapter.ts';
import type { ChatRoom } from '../core/chat-room.ts';
import { formatCursor } from '../core/cursor.ts';
import type { RoomObserver } from '../core/observer.ts';
import { eventText, type Frame, frameOf } from './sse-frame.ts';

/** A stream as a pass sees it. */
export interface FanOutTarget {
  flush(): void;
  /** `flush` threw: the target is no longer called. */
  fail(error: unknown): void;
}

/** Events in one frame. */
export interface Slice {
  readonly frame: Frame;
  readonly lastId: number;
  /** Where the log ended then: beyond it, more would fit. */
  readonly headId: number;
}

// How many slices are remembered, those of all rooms together, the oldest forgotten first: for streams that
// stand side by side.
const maxSlices = 64;

// A slice that does not drain within SLOW_CLIENT_SECONDS ends its stream: the slowest reader takes this in that time, some
// 6 kB/s. Where the kernel holds more, it takes more: a full socket counts as writable only once a third of its buffer is
// free, which on loopback may be over a megabyte. Fewer and larger writes would gain little.
const usualSliceBytes = 64 * 1024;

export class FanOut implements RoomListener {
  readonly #room: ChatRoom;
  readonly #maxSliceBytes: number;
  readonly #slices: Map<string, Slice>;
  readonly #observer: RoomObserver;
  readonly #targets = new Set<FanOutTarget>();
  #isScheduled = false;

  /**
   * @param maxSliceBytes how much is written to a socket before waiting for it to drain, or one event
   * @param slices remembered ones, by the position before them
   */
  constructor(room: ChatRoom, maxSliceBytes: number, slices: Map<string, Slice>, observer: RoomObserver) {
    this.#room = room;
    this.#maxSliceBytes = maxSliceBytes;
    this.#slices = slices;
    this.#observer = observer;
  }

  add(target: FanOutTarget): void {
    if (this.#targets.size === 0) this.#room.listen(this);
    this.#targets.add(target);
  }

  delete(target: FanOutTarget): void {
    if (!this.#targets.delete(target) || this.#targets.size > 0) return;
    this.#room.unlisten(this);
  }

  deliver(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#pass());
  }

  fail(error: unknown): void {
    for (const target of this.#targets) this.#fail(target, error);
  }

  /** The next events after an id; undefined if they are no longer kept. */
  sliceAfter(id: number): Slice | undefined {
    const { log } = this.#room;
    if (id < log.baseId) return undefined;
    const key = formatCursor({ epoch: log.epoch, id });
    const known = this.#slices.get(key);
    if (known && known.headId === log.headId) return known;
    const slice = this.#encode(id);
    this.#slices.delete(key);
    for (const oldest of this.#slices.keys()) {
      if (this.#slices.size < maxSlices) break;
      this.#slices.delete(oldest);
    }
    this.#slices.set(key, slice);
    return slice;
  }

  #encode(id: number): Slice {
    const { epoch, headId } = this.#room.log;
    const page = { events: Number.POSITIVE_INFINITY, bytes: this.#maxSliceBytes };
    const { events } = this.#room.log.since({ epoch, id }, page);
    let text = '';
    let bytes = 0;
    let lastId = id;
    for (const event of events) {
      const one = eventText(epoch, event);
      bytes += one.length - event.json.length + event.bytes;
      if (bytes > this.#maxSliceBytes && lastId > id) break;
      text += one;
      lastId = event.event.id;
    }
    return { frame: frameOf(text), lastId, headId };
  }

  #pass(): void {
    this.#isScheduled = false;
    for (const target of this.#targets) {
      try {
        target.flush();
      } catch (error) {
        this.#fail(target, error);
      }
    }
  }

  #fail(target: FanOutTarget, error: unknown): void {
    this.delete(target);
    // The others are flushed all the same, even if this throws too [SES-12].
    void tell(() => target.fail(error), `failing a stream of room ${this.#room.name}`, this.#observer);
  }
}

/** The one fan-out of each room, and the slices they remember. */
export class FanOuts {
  readonly #maxSliceBytes: number;
  readonly #observer: RoomObserver;
  readonly #fanOuts = new WeakMap<ChatRoom, FanOut>();
  readonly #slices = new Map<string, Slice>();

  /** @param maxQueuedBytes how much may be queued for one socket */
  constructor(maxQueuedBytes: number, observer: RoomObserver) {
    this.#observer = observer;
    this.#maxSliceBytes = Math.min(maxQueuedBytes, usualSliceBytes);
  }

  of(room: ChatRoom): FanOut {
    let fanOut = this.#fanOuts.get(room);
    if (!fanOut) {
      fanOut = new FanOut(room, this.#maxSliceBytes, this.#slices, this.#observer);
      this.#fanOuts.set(room, fanOut);
    }
    return fanOut;
  }
}

/**
 * Passes over a room's streams, each for all that was committed since the one before [FAN-2].
 *
 * What a stream at some position gets is encoded once and shared by all that stand there [FAN-1, LOG-6].
 */

import { tell } from '../core/call-hooks.ts';
import type { RoomListener } from '../core/callback-adapter.ts';
import type { ChatRoom } from '../core/chat-room.ts';
import type { Clock } from '../core/clock.ts';
import { formatCursor } from '../core/cursor.ts';
import type { DeliveryCount } from '../core/delivery-count.ts';
import type { RoomObserver } from '../core/observer.ts';
import type { Pass, Passes } from './passes.ts';
import { eventText, type Frame, frameOf } from './sse-frame.ts';

/** A stream as a pass sees it. */
export interface FanOutTarget {
  /**
   * Writes some of what is new.
   * @param nowMs monotonic
   * @returns whether there is more that could be written now
   */
  flush(nowMs: number): boolean;
  /** `flush` threw: the target is no longer called. */
  fail(error: unknown): void;
  /** The log is another one: the position means nothing any more. */
  displaced(): void;
}

/** Events in one frame. */
export interface Slice {
  readonly frame: Frame;
  readonly lastId: number;
  /** Where the log ended then: beyond it, more would fit. */
  readonly headId: number;
  /** Its newest redaction then: after a later one there may be a text too many [LOG-4]. */
  readonly redactionId: number;
}

export interface FanOutOptions {
  readonly room: ChatRoom;
  /** How much is written to a socket before waiting for it to drain, or one event. */
  readonly maxSliceBytes: number;
  /** Remembered ones, by the position before them. */
  readonly slices: Map<string, Slice>;
  readonly passes: Passes;
  readonly clock: Clock;
  readonly observer: RoomObserver;
  readonly deliveries: DeliveryCount;
}

// How many slices are remembered, those of all rooms together, the oldest forgotten first: for streams that
// stand side by side.
const maxSlices = 64;

// A slice that does not drain within SLOW_CLIENT_SECONDS ends its stream: the slowest reader takes this in that time, some
// 6 kB/s. Where the kernel holds more, it takes more: a full socket counts as writable only once a third of its buffer is
// free, which on loopback may be over a megabyte. Fewer and larger writes would gain little.
const usualSliceBytes = 64 * 1024;

// A pass looks at the time once for so many streams: some 40 µs of writing.
const targetsPerLook = 8;

// Sends must not outrun delivery [FAN-7]: when a batch has not been written to everybody for so long, sends gather.
const maxLagMs = 20;
// So long at the most: whoever speaks waits for a commit, not for ten thousand listeners.
const maxGatherMs = 100;

export class FanOut implements RoomListener, Pass {
  /** What streams write is counted there. */
  readonly deliveries: DeliveryCount;
  readonly #options: FanOutOptions;
  readonly #targets = new Set<FanOutTarget>();
  // Streams that have more to read than one slice. Their passes are their own, so that they hold up nobody who is at the head.
  readonly #behind = new Set<FanOutTarget>();
  readonly #catchUpPass: Pass = { advance: (isOver) => this.#advanceBehind(isOver) };
  // Where the pass that is under way goes on. Who comes meanwhile is visited at its end, who goes is passed over.
  #rest: IterableIterator<FanOutTarget> | undefined;
  // Of the pass that is under way.
  #latest: { readonly id: number; readonly slice: Slice } | undefined;
  // Since when the oldest batch waits that the pass under way writes, and the oldest that it may have missed.
  #writingSince: number | undefined;
  #waitingSince: number | undefined;
  #gatheringSince: number | undefined;

  constructor(options: FanOutOptions) {
    this.deliveries = options.deliveries;
    this.#options = options;
  }

  add(target: FanOutTarget): void {
    if (this.#targets.size === 0) this.#options.room.listen(this);
    this.#targets.add(target);
  }

  delete(target: FanOutTarget): void {
    this.#behind.delete(target);
    if (!this.#targets.delete(target) || this.#targets.size > 0) return;
    this.#options.room.unlisten(this);
    this.#letGo();
  }

  deliver(): void {
    const now = this.#options.clock.monotonic();
    this.#waitingSince ??= now;
    const oldest = this.#writingSince ?? this.#waitingSince;
    if (now - oldest > maxLagMs && this.#gatheringSince === undefined) {
      this.#gatheringSince = now;
      this.#options.room.letSendsWait(true);
    }
    this.#options.passes.request(this);
  }

  /** All positions are void: each target tells its gap in the next pass, even if nothing is ever said again. */
  replaced(): void {
    for (const target of this.#targets) target.displaced();
    this.#latest = undefined;
    this.#options.passes.request(this);
  }

  /** Writes on to a target that is behind, in turns with all others. */
  catchUp(target: FanOutTarget): void {
    if (!this.#targets.has(target)) return;
    this.#behind.add(target);
    this.#options.passes.request(this.#catchUpPass);
  }

  /** One slice of a pass: flushes on from the target where the last one ended. */
  advance(isOver: () => boolean): boolean {
    if (!this.#rest) {
      this.#rest = this.#targets.values();
      this.#writingSince = this.#waitingSince;
      this.#waitingSince = undefined;
    }
    const isDone = this.#flushSome(this.#rest, isOver);
    const { clock } = this.#options;
    if (isDone) {
      this.#noteWritten(clock);
      this.#rest = undefined;
      this.#latest = undefined;
      this.#writingSince = undefined;
      this.#letGo();
    } else if (
      this.#gatheringSince !== undefined &&
      clock.monotonic() - this.#gatheringSince >= maxGatherMs
    ) {
      this.#letGo();
    }
    return isDone;
  }

  fail(error: unknown): void {
    for (const target of this.#targets) this.#fail(target, error);
  }

  /** How many streams there are. */
  get size(): number {
    return this.#targets.size;
  }

  /** The id of the newest event. */
  get headId(): number {
    return this.#options.room.log.headId;
  }

  /** The next events after an id; undefined if they are no longer kept. */
  sliceAfter(id: number): Slice | undefined {
    const { log } = this.#options.room;
    if (id < log.baseId) return undefined;
    // Nearly all streams of a room stand at the same position.
    if (this.#latest?.id === id && this.#latest.slice.headId === log.headId) return this.#latest.slice;
    const slice = this.#remembered(id);
    if (this.#rest) this.#latest = { id, slice };
    return slice;
  }

  #flushSome(targets: Iterator<FanOutTarget>, isOver: () => boolean): boolean {
    const { clock } = this.#options;
    let untilLook = targetsPerLook;
    let now = clock.monotonic();
    for (let next = targets.next(); !next.done; next = targets.next()) {
      if (this.#flush(next.value, now)) this.catchUp(next.value);
      untilLook -= 1;
      if (untilLook > 0) continue;
      if (isOver()) return false;
      untilLook = targetsPerLook;
      now = clock.monotonic();
    }
    return true;
  }

  #noteWritten(clock: Clock): void {
    if (this.#writingSince === undefined) return;
    const { observer, room } = this.#options;
    observer.fannedOut?.(room.name, clock.monotonic() - this.#writingSince);
  }

  /** Lets go on what was asked to wait. */
  #letGo(): void {
    if (this.#gatheringSince === undefined) return;
    this.#gatheringSince = undefined;
    this.#options.room.letSendsWait(false);
  }

  #remembered(id: number): Slice {
    const { log } = this.#options.room;
    const { slices } = this.#options;
    const key = formatCursor({ epoch: log.epoch, id });
    const known = slices.get(key);
    // One that ended before the head then is the same now, unless something was redacted.
    const isSame = known && (known.headId === log.headId || known.lastId < known.headId);
    if (isSame && known.redactionId === log.redactionId) return known;
    const slice = this.#encode(id);
    slices.delete(key);
    for (const oldest of slices.keys()) {
      if (slices.size < maxSlices) break;
      slices.delete(oldest);
    }
    slices.set(key, slice);
    return slice;
  }

  #encode(id: number): Slice {
    const { room, maxSliceBytes } = this.#options;
    const { epoch, headId, redactionId } = room.log;
    const page = { events: Number.POSITIVE_INFINITY, bytes: maxSliceBytes };
    const { events } = room.log.since({ epoch, id }, page);
    let text = '';
    let bytes = 0;
    let lastId = id;
    for (const event of events) {
      const one = eventText(epoch, event);
      bytes += one.length - event.json.length + event.bytes;
      if (bytes > maxSliceBytes && lastId > id) break;
      text += one;
      lastId = event.event.id;
    }
    return { frame: frameOf(text), lastId, headId, redactionId };
  }

  /** Those that are behind get a slice each, again and again until they are not. */
  #advanceBehind(isOver: () => boolean): boolean {
    // Whoever has more comes in again as the last one, which this same loop then finds.
    for (const target of this.#behind) {
      this.#behind.delete(target);
      const hasMore = this.#flush(target, this.#options.clock.monotonic());
      if (hasMore && this.#targets.has(target)) this.#behind.add(target);
      if (isOver()) return this.#behind.size === 0;
    }
    return true;
  }

  #flush(target: FanOutTarget, nowMs: number): boolean {
    try {
      return target.flush(nowMs);
    } catch (error) {
      this.#fail(target, error);
      return false;
    }
  }

  #fail(target: FanOutTarget, error: unknown): void {
    const { room, observer } = this.#options;
    this.delete(target);
    // The others are flushed all the same, even if this throws too [SES-12].
    void tell(() => target.fail(error), `failing a stream of room ${room.name}`, observer);
  }
}

/** The one fan-out of each room, and the slices they remember. */
export class FanOuts {
  readonly #shared: Omit<FanOutOptions, 'room'>;
  readonly #fanOuts = new WeakMap<ChatRoom, FanOut>();

  /** @param maxQueuedBytes how much may be queued for one socket */
  constructor(
    maxQueuedBytes: number,
    passes: Passes,
    clock: Clock,
    observer: RoomObserver,
    deliveries: DeliveryCount = { events: 0 },
  ) {
    const maxSliceBytes = Math.min(maxQueuedBytes, usualSliceBytes);
    this.#shared = { maxSliceBytes, slices: new Map(), passes, clock, observer, deliveries };
  }

  of(room: ChatRoom): FanOut {
    let fanOut = this.#fanOuts.get(room);
    if (!fanOut) {
      fanOut = new FanOut({ ...this.#shared, room });
      this.#fanOuts.set(room, fanOut);
    }
    return fanOut;
  }
}

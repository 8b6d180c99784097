/**
 * All streams and waiting polls of the process: the one timer that beats for them [FAN-5], how many each
 * address has, what they are told of the store, and their end at shutdown [FAN-6].
 */

import type { ChatRoomCallbackAdapter, Lag } from '../core/callback-adapter.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { type Ending, type EndReason, endingOf } from '../core/endings.ts';
import { ChatError } from '../core/errors.ts';
import type { Restrictions } from '../core/restrictions.ts';
import type { Pass, Passes } from './passes.ts';
import { reconnectMs } from './reconnecting.ts';

/** A stream or a waiting poll. */
export interface Reader extends ChatRoomCallbackAdapter {
  /** A ban or a closed room may be new: who is hit does not read on. */
  restrictionsChanged(restrictions: Restrictions): void;
}

/** A stream as the timer sees it. */
export interface BeatingStream extends Reader {
  readonly room: string;
  readonly isBlocked: boolean;
  beat(nowMs: number, silenceMs: number): void;
  endIfSlow(nowMs: number, slowMs: number): void;
  /** `StreamSet.isStoreAway` has changed. */
  storeChanged(): void;
}

/** All streams, as they are at one moment. */
export interface StreamSurvey {
  readonly byRoom: ReadonlyMap<string, { readonly members: number; readonly feed: number }>;
  /** What is queued for all of them, and how far the last of them is behind. */
  readonly lag: Lag;
  /** How many have not been written all there is. */
  readonly behind: number;
  /** How many have a socket that takes no more for now. */
  readonly blocked: number;
}

export interface StreamSetOptions {
  readonly clock: Clock;
  readonly passes: Passes;
  readonly heartbeatMs: number;
  readonly slowMs: number;
  /** Open streams and waiting polls per address; `Infinity` lifts the bound. */
  readonly maxPerAddress: number;
}

// Streams are spread over so many slots; a tick beats for one of them.
const slotCount = 16;
const addressRetryMs = 5_000;

export class StreamSet {
  readonly #options: StreamSetOptions;
  readonly #slots: readonly Set<BeatingStream>[] = Array.from(
    { length: slotCount },
    () => new Set<BeatingStream>(),
  );
  readonly #polls = new Set<Reader>();
  readonly #blocked = new Set<BeatingStream>();
  readonly #perAddress = new Map<string, number>();
  #nextSlot = 0;
  #addSlot = 0;
  #timer: Timer | undefined;
  #isStoreAway = false;
  readonly #statusPass: Pass = { advance: (isOver) => this.#tellStore(isOver) };
  // Where the telling that is under way goes on.
  #untold: Iterator<BeatingStream> | undefined;
  #closing: Ending | undefined;
  /** How many streams there were when all were ended. */
  #sizeAtEnd = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(options: StreamSetOptions) {
    this.#options = options;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.size, 0);
  }

  /** How many polls wait. */
  get polls(): number {
    return this.#polls.size;
  }

  /** Looks at every stream: some 0.2 µs for each. */
  survey(): StreamSurvey {
    const byRoom = new Map<string, { members: number; feed: number }>();
    let [bytes, events, behind, blocked] = [0, 0, 0, 0];
    for (const { room, isStream, isBlocked, lag } of this.#all()) {
      let here = byRoom.get(room);
      if (!here) {
        here = { members: 0, feed: 0 };
        byRoom.set(room, here);
      }
      here[isStream ? 'members' : 'feed'] += 1;
      bytes += lag?.bytes ?? 0;
      events = Math.max(events, lag?.events ?? 0);
      if (lag && lag.events > 0) behind += 1;
      if (isBlocked) blocked += 1;
    }
    return { byRoom, lag: { bytes, events }, behind, blocked };
  }

  /** Whether what is said cannot be kept at the moment. */
  get isStoreAway(): boolean {
    return this.#isStoreAway;
  }

  /** Notes how the store is, and tells every stream that can take it: a few in each turn of the event loop [FAN-7]. */
  noteStore(isAway: boolean): void {
    if (this.#isStoreAway === isAway) return;
    this.#isStoreAway = isAway;
    if (this.size > 0) this.#options.passes.request(this.#statusPass);
  }

  /** Ends the streams and waiting polls of those whom a ban or the closing of a room hits. */
  noteRestrictions(restrictions: Restrictions): void {
    for (const poll of this.#polls) poll.restrictionsChanged(restrictions);
    for (const stream of this.#all()) stream.restrictionsChanged(restrictions);
  }

  /** When a client whose stream ends, or is refused, is to come back. */
  reconnectMs(atLeastMs?: number): number {
    return reconnectMs(Math.max(this.#sizeAtEnd, this.size), atLeastMs);
  }

  /**
   * Counts one more for an address; `dismiss` counts it off.
   * @throws ChatError `rate-limited`
   */
  admit(address: string): void {
    const count = this.#perAddress.get(address) ?? 0;
    const { maxPerAddress } = this.#options;
    if (count >= maxPerAddress) {
      throw new ChatError(
        'rate-limited',
        `MAX_STREAMS_PER_IP allows ${maxPerAddress} open streams and waiting polls per address.`,
        { limit: { option: 'MAX_STREAMS_PER_IP', count: maxPerAddress }, retryAfterMs: addressRetryMs },
      );
    }
    this.#perAddress.set(address, count + 1);
  }

  dismiss(address: string): void {
    const count = (this.#perAddress.get(address) ?? 0) - 1;
    if (count > 0) this.#perAddress.set(address, count);
    else this.#perAddress.delete(address);
  }

  add(stream: BeatingStream): void {
    this.#slots[this.#addSlot]?.add(stream);
    this.#addSlot = (this.#addSlot + 1) % slotCount;
  }

  /** Forgets a stream; its address is counted off. */
  delete(stream: BeatingStream, address: string): void {
    this.#blocked.delete(stream);
    if (this.#slots.some((slot) => slot.delete(stream))) this.dismiss(address);
    if (this.size === 0) this.#whenEmpty?.();
  }

  /** Adds a poll that waits already; after `endAll` it ends at once. */
  addPoll(poll: Reader): void {
    this.#polls.add(poll);
    if (this.#closing) poll.end(this.#closing);
  }

  deletePoll(poll: Reader): void {
    this.#polls.delete(poll);
  }

  noteBlocked(stream: BeatingStream): void {
    this.#blocked.add(stream);
  }

  noteDrained(stream: BeatingStream): void {
    this.#blocked.delete(stream);
  }

  start(): void {
    const { heartbeatMs, slowMs } = this.#options;
    // Each stream is visited at least twice per heartbeat, so none is silent for longer than one.
    const periodMs = Math.min(heartbeatMs / 2 / slotCount, slowMs / 4);
    this.#timer ??= this.#options.clock.every(periodMs, () => this.#tick());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /**
   * Ends everything that is open, and what begins to wait later. Resolves once no stream is left: a server that
   * closed sooner would cut off those that still have bytes to flush, and Node does so.
   */
  async endAll(reason: EndReason): Promise<void> {
    const ending = endingOf(reason);
    this.#closing = ending;
    this.#sizeAtEnd = this.size;
    for (const poll of this.#polls) poll.end(ending);
    for (const stream of this.#all()) stream.end(ending);
    if (this.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  #tellStore(isOver: () => boolean): boolean {
    this.#untold ??= this.#all();
    for (let next = this.#untold.next(); !next.done; next = this.#untold.next()) {
      next.value.storeChanged();
      if (isOver()) return false;
    }
    this.#untold = undefined;
    return true;
  }

  *#all(): Generator<BeatingStream> {
    for (const slot of this.#slots) yield* slot;
  }

  #tick(): void {
    const { clock, slowMs, heartbeatMs } = this.#options;
    const now = clock.monotonic();
    for (const stream of this.#blocked) stream.endIfSlow(now, slowMs);
    for (const stream of this.#slots[this.#nextSlot] ?? []) stream.beat(now, heartbeatMs / 2);
    this.#nextSlot = (this.#nextSlot + 1) % slotCount;
  }
}

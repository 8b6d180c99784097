/**
 * What happens in one room, as its channel tells it, for whoever listens in this instance.
 *
 * 1. Publications are numbered and ids contiguous: what does not follow is a hole, and `#heal` reads from the log what is
 *    missing. Meanwhile publications wait in `#waiting`.
 * 2. A room that is of another epoch, or no longer keeps what is missing, is read anew, and listeners get it as a whole
 *    (`#replace`) [LOG-5].
 */

import type { Clock, Timer } from '../../core/clock.ts';
import { isUnavailable } from '../../core/errors.ts';
import type { LogSnapshot } from '../../core/event-log.ts';
import type { EncodedEvent } from '../../core/events.ts';
import type { StoreListener } from '../../core/store.ts';
import { explained, withoutInput } from './failures.ts';
import { FeedListeners, type Listening } from './feed-listeners.ts';
import { FeedWaiters } from './feed-waiters.ts';
import type { Publication, PublishedEnding } from './publications.ts';
import type { Mark } from './reply.ts';

/** A room as it was read at once. */
export interface ReadRoom {
  readonly log: LogSnapshot;
  readonly mark: Mark;
  /** The latest entry in its stream of endings. */
  readonly ending: string;
}

/** What is missing to a reader. */
export interface Missing {
  readonly mark: Mark;
  /** Undefined if the log does not keep it, or is of another epoch. */
  readonly events: readonly EncodedEvent[] | undefined;
  readonly endings: readonly PublishedEnding[];
}

/** How a feed reads from Redis; rejects with `unavailable` while that is away. */
export interface FeedSource {
  read(): Promise<ReadRoom>;
  readMissing(after: Mark, ending: string): Promise<Missing>;
}

export interface RoomFeedOptions {
  readonly source: FeedSource;
  readonly clock: Clock;
  /** Told of every ending before the listeners are. */
  readonly onEnded: (sessionId: string) => void;
  /** Told when something may have been missed: sessions may be gone without a word. */
  readonly onInterruption: () => void;
  readonly onFault: (error: unknown, doing: string) => void;
}

// More than come in the time that healing takes; with more than these the log is read once again.
const maxWaiting = 1_024;
const retryMs = 500;
/** More than end while an answer is on its way, and longer than anybody waits for one. */
const maxEnded = 4_096;
const endedMs = 10_000;

export class RoomFeed {
  readonly #options: RoomFeedOptions;
  readonly #listeners: FeedListeners;
  readonly #waiters: FeedWaiters;
  // The latest, and those before: an answer on the other connection may come behind the end of the session it brings.
  #ended = new Set<string>();
  #endedBefore: ReadonlySet<string> = new Set();
  #endedSince = 0;
  #mark: Mark = { epoch: '', head: 0, pub: 0 };
  #ending = '0-0';
  /** The furthest that the room is known to be, while that was not heard. */
  #known: Mark | undefined;
  #behindSince = 0;
  #isSynced = false;
  #healing: Promise<void> | undefined;
  #waiting: (Publication | undefined)[] = [];
  #retry: Timer | undefined;
  #isClosed = false;

  constructor(options: RoomFeedOptions) {
    this.#options = options;
    this.#listeners = new FeedListeners(options.onFault);
    this.#waiters = new FeedWaiters(options.clock);
  }

  /** Whether the room was read: only then it can be told how far that is. */
  get isLive(): boolean {
    return this.#mark.epoch !== '';
  }

  /** Whether a session's end was heard of lately. */
  hasEnded(sessionId: string): boolean {
    return this.#ended.has(sessionId) || this.#endedBefore.has(sessionId);
  }

  /** Forgets the ends that no answer comes behind any more. */
  sweep(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#endedSince < endedMs) return;
    this.#shiftEnded();
    this.#endedSince = now;
  }

  /** How far this instance has seen the room, be it by what it was answered. */
  get seen(): Mark {
    const known = this.#known;
    return known?.epoch === this.#mark.epoch && known.head > this.#mark.head ? known : this.#mark;
  }

  get isUnused(): boolean {
    return this.#listeners.isEmpty;
  }

  /**
   * Reads the room for a listener, which hears everything behind it.
   * @returns the room, and what makes the listener hear no more
   */
  async load(listener: StoreListener): Promise<{ log: LogSnapshot; stop: () => void }> {
    const listening = this.#listeners.add(listener);
    try {
      let room = await this.#readFor(listening);
      // Read before the room got another epoch, of which the others know already.
      while (this.#isSynced && room.mark.epoch !== this.#mark.epoch) room = await this.#readFor(listening);
      const { log, mark, ending } = room;
      if (!this.#isSynced && this.#healing === undefined) this.#sync(mark, ending);
      return { log, stop: () => this.#listeners.delete(listening) };
    } catch (error) {
      this.#listeners.delete(listening);
      throw error;
    }
  }

  /** Takes what came through the channel; undefined if that could not be read. */
  take(publication: Publication | undefined): void {
    if (this.#isClosed) return;
    if (!this.#isSynced) {
      if (this.#waiting.length < maxWaiting) this.#waiting.push(publication);
      return;
    }
    if (publication && this.#isKnown(publication)) return;
    if (publication && this.#follows(publication)) {
      this.#apply(publication.events, publication.endings);
      this.#mark = { epoch: this.#mark.epoch, head: this.#mark.head, pub: publication.pub };
      this.#tellWaiters();
    } else {
      this.heal();
    }
  }

  /** How far this instance is behind what it knows of the room. */
  get lag(): { readonly events: number; readonly ms: number } {
    if (!this.#known) return { events: 0, ms: 0 };
    return {
      events: Math.max(0, this.#known.head - this.#mark.head),
      ms: this.#options.clock.monotonic() - this.#behindSince,
    };
  }

  /** Notes where the room is known to stand. */
  note(mark: Mark): void {
    if (!this.isLive || this.isAt(mark)) return;
    if (!this.#known) this.#behindSince = this.#options.clock.monotonic();
    if (!this.#known || mark.epoch !== this.#known.epoch || mark.pub > this.#known.pub) this.#known = mark;
  }

  /** Resolves once everything up to a mark was heard, or after a second all the same. */
  async reached(mark: Mark): Promise<void> {
    if (this.isAt(mark) || this.#isClosed) return;
    if (this.#isSynced && mark.epoch !== this.#mark.epoch) this.heal();
    await this.#waiters.wait(mark, () => this.heal());
  }

  /** Compares with where the room is known to stand, and reads what is missing. */
  compare(mark: Mark): void {
    if (this.#isSynced && !this.isAt(mark)) this.heal();
  }

  /** Something may have been missed: reads it from the log. */
  heal(): void {
    if (this.#isClosed || this.#healing || this.#mark.epoch === '') return;
    this.#isSynced = false;
    this.#retry?.cancel();
    this.#healing = this.#heal()
      .catch((error) => {
        if (this.#isClosed) return;
        // Else Redis is away, or has only just come back.
        if (!isUnavailable(explained(error))) {
          this.#options.onFault(withoutInput(error), 'reading what was missed of a room');
        }
        this.#retry = this.#options.clock.after(retryMs, () => this.heal());
      })
      .finally(() => {
        this.#healing = undefined;
        if (this.#isSynced) this.#drain();
      });
  }

  /** Tells of sessions that have gone without a word. */
  tellEnded(sessionIds: readonly string[]): void {
    this.#apply(
      [],
      sessionIds.map((sessionId) => ({
        entry: this.#ending,
        sessionId,
        reason: 'expired',
        detail: undefined,
      })),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#waiters.tell(() => true);
    this.#listeners.clear();
  }

  async #readFor(listening: Listening): Promise<ReadRoom> {
    const room = await this.#options.source.read();
    this.#listeners.begin(listening, room.log);
    return room;
  }

  /** The first reading of the room. */
  #sync(mark: Mark, ending: string): void {
    this.#mark = mark;
    this.#ending = ending;
    this.#isSynced = true;
    this.#drain();
  }

  #drain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#tellWaiters();
    for (const publication of waiting) this.take(publication);
  }

  async #heal(): Promise<void> {
    const before = this.#mark;
    const { mark, events, endings } = await this.#options.source.readMissing(before, this.#ending);
    if (events) {
      this.#apply(events, endings);
      this.#mark = mark;
    } else {
      const room = await this.#options.source.read();
      this.#apply([], endings);
      this.#replace(room);
    }
    this.#isSynced = true;
    this.#options.onInterruption();
  }

  #replace({ log, mark, ending }: ReadRoom): void {
    this.#mark = mark;
    this.#known = undefined;
    this.#ending = ending;
    this.#listeners.replace(log);
  }

  #apply(events: readonly EncodedEvent[], endings: readonly PublishedEnding[]): void {
    const last = events.at(-1);
    if (last) this.#mark = { ...this.#mark, head: last.event.id };
    this.#listeners.deliver(events);
    for (const ending of endings) {
      this.#ending = ending.entry;
      this.#noteEnded(ending.sessionId);
      this.#options.onEnded(ending.sessionId);
      this.#listeners.ended(ending);
    }
  }

  #noteEnded(sessionId: string): void {
    if (this.#ended.size >= maxEnded) this.#shiftEnded();
    this.#ended.add(sessionId);
  }

  #shiftEnded(): void {
    this.#endedBefore = this.#ended;
    this.#ended = new Set();
  }

  /** The number alone would not do: somebody else may have published one that was not due. */
  #isKnown({ epoch, pub, events }: Publication): boolean {
    const head = events.at(-1)?.event.id ?? 0;
    return epoch === this.#mark.epoch && pub <= this.#mark.pub && head <= this.#mark.head;
  }

  #follows({ epoch, pub, events }: Publication): boolean {
    const { epoch: known, head, pub: last } = this.#mark;
    if (epoch !== known || pub !== last + 1) return false;
    return events.every(({ event }, index) => event.id === head + 1 + index);
  }

  /** Whether everything up to a mark was heard. */
  isAt(mark: Mark): boolean {
    const { epoch, head, pub } = this.#mark;
    return this.#isSynced && mark.epoch === epoch && mark.head <= head && mark.pub <= pub;
  }

  #tellWaiters(): void {
    if (this.#known && this.isAt(this.#known)) this.#known = undefined;
    this.#waiters.tell((mark) => this.isAt(mark));
  }
}

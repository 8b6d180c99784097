/**
 * Push: one stream of a member or of the feed. It holds a position in the room's log and writes what is
 * after it whenever the socket takes more: live and replay are the same reading [FAN-4].
 */

import type { OutgoingHttpHeaders } from 'node:http';
import type { ChatRoomCallbackAdapter, Lag, Sent } from '../core/callback-adapter.ts';
import type { ChatRoom } from '../core/chat-room.ts';
import type { Position } from '../core/cursor.ts';
import { type Ending, type EndReason, endingOf, type SessionEndReason } from '../core/endings.ts';
import type { RoomObserver } from '../core/observer.ts';
import { endingDetailOf } from '../core/restriction-words.ts';
import type { Restrictions } from '../core/restrictions.ts';
import type { Session } from '../core/session.ts';
import type { EntitledStream, Entitlements } from './entitlements.ts';
import type { FanOut } from './fan-out.ts';
import {
  byeText,
  frameOf,
  heartbeatFrame,
  initText,
  noticeText,
  retryText,
  statusFrames,
} from './sse-frame.ts';
import type { SseStream, SseStreamOwner } from './sse-stream.ts';
import type { StreamSet } from './stream-set.ts';

export interface SseAdapterOptions {
  readonly room: ChatRoom;
  readonly stream: SseStream;
  readonly fanOut: FanOut;
  readonly streams: StreamSet;
  readonly entitlements: Entitlements;
  readonly observer: RoomObserver;
  /** Whose stream it is, or, of a feed that is for members only, who reads it: it ends with this session. */
  readonly session: Session | undefined;
  /** Read-only: no part of a membership. */
  readonly isFeed: boolean;
  /** Whether the open stream keeps its session alive; else only requests do [SES-6]. */
  readonly keepsAlive: boolean;
  /** Whose streams and waiting polls are counted together. */
  readonly address: string;
  readonly timeoutSeconds: number | null;
  readonly heartbeatSeconds: number;
}

const unflushed: ReadonlySet<EndReason> = new Set(['failed', 'revoked', 'unavailable']);

// The position of a stream whose log has begun anew: before everything that any log keeps.
const nowhere = -1;

export class SseCallbackAdapter implements ChatRoomCallbackAdapter, SseStreamOwner, EntitledStream {
  readonly #options: SseAdapterOptions;
  // What a pass touches stands here: a line of cache that it does not need is a sixth of what it does for a stream.
  readonly #stream: SseStream;
  readonly #fanOut: FanOut;
  #position = 0;
  // What `sent` is reckoned from, so that a pass counts nothing per stream: the position as it was last set without a slice.
  #start = 0;
  #sentBefore = 0;
  /** What the client knows of the store. */
  #isAwayTold = false;
  #endReason: EndReason | undefined;

  constructor(options: SseAdapterOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#fanOut = options.fanOut;
  }

  get isStream(): boolean {
    return !this.#options.isFeed;
  }

  get isActive(): boolean {
    return this.#options.keepsAlive && !this.#options.stream.isBlocked;
  }

  /**
   * Writes the head and what comes first, and is live from there.
   * @param headers of the answer; not kept, for streams are many
   * @param after resumes there; with a gap told if it is out of reach
   * @param last without `after`: begins so many events before the head
   */
  open(headers: OutgoingHttpHeaders, after: Position | undefined, last: number): void {
    const { stream, room, streams, session, entitlements, observer, fanOut } = this.#options;
    streams.add(this);
    if (session) entitlements.add(this);
    observer.streamOpened?.(room.name, after !== undefined);
    stream.open(headers, this);
    stream.write(frameOf(retryText(streams.reconnectMs())));
    this.#init(after, last);
    this.#tellStore();
    this.#tellNotices();
    fanOut.add(this);
    this.#catchUp();
  }

  get lag(): Lag {
    return { bytes: this.#stream.queuedBytes, events: this.#fanOut.headId - this.#position };
  }

  get room(): string {
    return this.#options.room.name;
  }

  get isBlocked(): boolean {
    return this.#stream.isBlocked;
  }

  get sent(): Sent {
    const events = this.#position === nowhere ? 0 : this.#position - this.#start;
    return { bytes: this.#stream.sentBytes, events: this.#sentBefore + events };
  }

  authorize(): Promise<void> | undefined {
    const { session, isFeed } = this.#options;
    return session?.authorize(isFeed ? 'feed' : 'subscribe');
  }

  get reachedAt(): number {
    return this.#stream.takenAt;
  }

  /**
   * Writes the next slice of what the log has after the position, if the socket takes it: one, so that no turn of the
   * event loop is long, however far behind a stream is [FAN-7].
   * @returns whether there is more that could be written now
   */
  flush(nowMs?: number): boolean {
    const stream = this.#stream;
    const fanOut = this.#fanOut;
    if (this.#endReason !== undefined || stream.isBlocked || this.#position >= fanOut.headId) return false;
    // Before what it has committed since.
    this.#tellStore();
    if (stream.isBlocked) return false;
    const slice = fanOut.sliceAfter(this.#position);
    if (slice) {
      stream.write(slice.frame, nowMs);
      fanOut.deliveries.events += slice.lastId - this.#position;
      this.#position = slice.lastId;
    } else {
      const isDisplaced = this.#position === nowhere;
      this.#tellGap(isDisplaced ? null : this.#options.room.log.baseId - this.#position);
    }
    return !stream.isBlocked && this.#position < fanOut.headId;
  }

  displaced(): void {
    this.#moveTo(nowhere);
  }

  /** Says that the stream is alive, if it was silent for `silenceMs`. */
  beat(nowMs: number, silenceMs: number): void {
    const stream = this.#stream;
    // No heartbeat is queued behind a blocked socket [FAN-3].
    if (stream.isBlocked || nowMs - stream.lastWriteAt < silenceMs) return;
    this.#attempt(() => stream.write(heartbeatFrame));
  }

  /** The store went away or came back. A blocked stream is told how it is when it drains [FAN-3]. */
  storeChanged(): void {
    if (!this.#options.stream.isBlocked) this.#attempt(() => this.#tellStore());
  }

  /** Whoever reads without being a member, or is a member at another address than when he came. */
  restrictionsChanged(restrictions: Restrictions): void {
    const { room, address, session, isFeed } = this.#options;
    const hit = restrictions.hitting({ room: room.name, address });
    if (!hit) return;
    const detail = endingDetailOf(hit);
    if (session && !isFeed) void session.destroy('removed', detail);
    else this.end(endingOf('removed', detail));
  }

  /** Not queued behind a blocked socket: there it waits in the session, where it has its bound [FAN-3]. */
  notify(notice: string): boolean {
    const { stream, isFeed } = this.#options;
    if (isFeed || this.#endReason !== undefined || stream.isBlocked) return false;
    this.#attempt(() => stream.write(frameOf(noticeText(notice))));
    return true;
  }

  /** Ends the stream if its socket has not drained for `slowMs`. */
  endIfSlow(nowMs: number, slowMs: number): void {
    const { blockedAt } = this.#options.stream;
    if (blockedAt !== undefined && nowMs - blockedAt >= slowMs) this.end(endingOf('slow'));
  }

  /** The adapter threw: its session ends as failed, the others go on [SES-12]. Never throws. */
  fail(error: unknown): void {
    const { observer, room, session } = this.#options;
    observer.fault?.(error, `writing to a stream of room ${room.name}`);
    // The session first: one that never expires would end as `expired` with its last stream [SES-7].
    if (session) void session.destroy('failed');
    this.end(endingOf('failed'));
  }

  end(ending: Ending): void {
    if (this.#endReason !== undefined) return;
    // What was committed before the ending comes before the `bye`, as far as the socket takes it, unless nobody knows whether the
    // client may have it; who is to reconnect goes on from there.
    if (!unflushed.has(ending.reason)) this.#flushLast();
    this.#detach(ending.reason);
    const retry = ending.reconnect ? retryText(this.#options.streams.reconnectMs()) : '';
    this.#options.stream.end(frameOf(retry + byeText(ending)));
  }

  blocked(): void {
    this.#options.streams.noteBlocked(this);
    // Draining counted as activity until now [SES-6].
    if (this.#options.keepsAlive) this.#options.session?.touchActivity();
  }

  drained(): void {
    this.#options.streams.noteDrained(this);
    if (this.#endReason !== undefined) return;
    this.#options.session?.noteOutbound();
    if (this.#options.keepsAlive) this.#options.session?.touchActivity();
    this.#attempt(() => {
      this.#tellStore();
      this.#tellNotices();
      this.#catchUp();
    });
  }

  closed(): void {
    const { streams, address, observer, room } = this.#options;
    this.#detach(undefined);
    streams.delete(this, address);
    observer.streamEnded?.(room.name, this.#endReason ?? 'closed');
  }

  #catchUp(): void {
    if (this.flush()) this.#options.fanOut.catchUp(this);
  }

  #init(after: Position | undefined, last: number): void {
    const { log } = this.#options.room;
    if (after === undefined) {
      const id = Math.max(log.baseId, log.headId - last);
      this.#writeInit(id, 0);
    } else {
      const reading = log.since(after, { events: 0, bytes: 0 });
      if (reading.gap) this.#tellGap(reading.gap.lost);
      else this.#moveTo(reading.cursor.id);
    }
  }

  /** Says how the store is, unless the client knows: a stream begins with one that is there. */
  #tellStore(): void {
    const { stream, streams } = this.#options;
    const isAway = streams.isStoreAway;
    if (this.#endReason !== undefined || stream.isBlocked || isAway === this.#isAwayTold) return;
    stream.write(isAway ? statusFrames.away : statusFrames.back);
    this.#isAwayTold = isAway;
  }

  /** Tells what has waited for the client. In one write: the socket may be full after each. */
  #tellNotices(): void {
    const { stream, session, isFeed } = this.#options;
    if (isFeed || this.#endReason !== undefined || stream.isBlocked || !session?.hasNotices) return;
    stream.write(frameOf(session.takeNotices().map(noticeText).join('')));
  }

  #tellGap(lost: number | null): void {
    const { room, observer } = this.#options;
    observer.gapTold?.(room.name, lost);
    this.#writeInit(room.log.baseId, lost);
  }

  #writeInit(id: number, lost: number | null): void {
    const { room, stream, timeoutSeconds: timeout, heartbeatSeconds: heartbeat } = this.#options;
    const cursor = { epoch: room.log.epoch, id };
    stream.write(frameOf(initText({ roster: room.log.rosterAt(id), cursor, timeout, heartbeat, lost })));
    this.#moveTo(id);
  }

  /** Sets the position without having written what is before it. */
  #moveTo(position: number): void {
    this.#sentBefore = this.sent.events;
    this.#position = position;
    this.#start = position;
  }

  /** Writes at the call of a timer or a socket, where nobody else would catch what it throws [SES-12]. */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.fail(error);
    }
  }

  #flushLast(): void {
    try {
      while (this.flush());
    } catch (error) {
      this.#options.observer.fault?.(error, `writing to a stream of room ${this.#options.room.name}`);
    }
  }

  /** Takes the adapter out of everything that would write to it. */
  #detach(reason: EndReason | undefined): void {
    this.#endReason ??= reason;
    this.#options.fanOut.delete(this);
    this.#options.entitlements.delete(this);
    this.#options.session?.unplug(this, sessionReasonOf(reason));
  }
}

/** As what a session that never expires ends with its last stream [SES-7]: a server that stops, or asks to come back, ends none. */
function sessionReasonOf(reason: EndReason | undefined): SessionEndReason | null {
  if (reason === 'shutdown' || reason === 'unavailable') return null;
  return reason === 'revoked' ? reason : 'expired';
}

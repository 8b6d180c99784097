/**
 * One SSE connection: head, writes, lag, end. Knows bytes and no events.
 *
 * Assumed, and tested: the head went out through `ServerResponse`, the frames go straight to the socket,
 * and the last chunk is `ServerResponse`'s again. The socket is not corked (nobody else writes to it), and
 * the response owns the socket (not so for a pipelined request, which is refused).
 *
 * A socket that has not drained is not written to, but for one `bye` [FAN-3]: what the process queues for
 * it is bounded by the last frame plus `maxQueuedBytes`.
 *
 * Streams are many and idle for the most part, so that one listens for `drain` only while it is blocked.
 */

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Frame } from './sse-frame.ts';

export interface SseStreamOptions {
  readonly clock: Clock;
  /** A `bye` is not queued behind more than this. */
  readonly maxQueuedBytes: number;
}

/** Told what happens to a stream. */
export interface SseStreamOwner {
  /** The socket takes no more for now. */
  blocked(): void;
  drained(): void;
  /** The connection is over, whoever ended it. Called once. */
  closed(): void;
}

// How long an ended stream may take to flush.
const lingerMs = 1_000;

export class SseStream {
  readonly #response: ServerResponse;
  readonly #socket: Socket;
  readonly #options: SseStreamOptions;
  #owner: SseStreamOwner | undefined;
  // Of answers that the connection had before.
  readonly #bytesBefore: number;
  #blockedAt: number | undefined;
  #lastWriteAt: number;
  // The write before the one that has not drained.
  #takenAt = 0;
  // HTTP/1.0 knows no chunks, unless it asks for them.
  #takesChunks = false;
  #isEnded = false;

  private constructor(response: ServerResponse, socket: Socket, options: SseStreamOptions) {
    this.#response = response;
    this.#socket = socket;
    this.#options = options;
    this.#bytesBefore = socket.bytesWritten;
    this.#lastWriteAt = options.clock.monotonic();
  }

  /** Takes a connection over. Undefined if it is gone, or if another answer has to be finished on it first. */
  static take(response: ServerResponse, options: SseStreamOptions): SseStream | undefined {
    const { socket } = response;
    // Node ends its half when the client ends the other: then nothing can be written, though nothing is destroyed.
    if (!socket?.writable || response.headersSent) return undefined;
    return new SseStream(response, socket, options);
  }

  get isBlocked(): boolean {
    return this.#blockedAt !== undefined;
  }

  /** Since when the socket has not drained, in monotonic milliseconds. */
  get blockedAt(): number | undefined {
    return this.#blockedAt;
  }

  /** What the process has queued for the socket. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** What was written so far, as it goes over the connection. */
  get sentBytes(): number {
    return this.#socket.bytesWritten - this.#bytesBefore;
  }

  /** When the socket last took all of what was written, in monotonic milliseconds. */
  get takenAt(): number {
    return this.isBlocked ? this.#takenAt : this.#lastWriteAt;
  }

  /** When bytes were last written, in monotonic milliseconds. */
  get lastWriteAt(): number {
    return this.#lastWriteAt;
  }

  /** Writes the head. From here on `owner` is told what happens. */
  open(headers: OutgoingHttpHeaders, owner: SseStreamOwner): void {
    this.#owner = owner;
    // Whatever fails below, the end is seen.
    this.#response.on('close', () => this.#closed());
    this.#response.writeHead(200, headers);
    this.#response.flushHeaders();
    this.#takesChunks = this.#response.chunkedEncoding;
  }

  /**
   * Writes a frame. Whether the socket takes more is seen by `isBlocked`.
   * @param nowMs monotonic, for whoever writes to thousands
   */
  write(frame: Frame, nowMs = this.#options.clock.monotonic()): void {
    if (this.#isEnded) return;
    const takesMore = this.#socket.write(this.#takesChunks ? frame.chunk : frame.payload);
    if (!takesMore && this.#blockedAt === undefined) {
      this.#takenAt = this.#lastWriteAt;
      this.#blockedAt = nowMs;
      this.#socket.once('drain', () => this.#drained());
      this.#owner?.blocked();
    }
    this.#lastWriteAt = nowMs;
  }

  /** Ends the stream cleanly, with `last` if there is room for it; a second later regardless. Never throws. */
  end(last: Frame): void {
    if (this.#isEnded) return;
    const timer = this.#options.clock.after(lingerMs, () => this.#socket.destroy());
    this.#response.once('close', () => timer.cancel());
    try {
      // Without a head there is no stream to end.
      if (!this.#response.headersSent) this.#socket.destroy();
      if (this.#socket.writableLength <= this.#options.maxQueuedBytes) this.write(last);
      this.#response.end();
    } catch {
      this.#socket.destroy();
    }
    this.#isEnded = true;
  }

  #drained(): void {
    this.#blockedAt = undefined;
    this.#owner?.drained();
  }

  #closed(): void {
    this.#isEnded = true;
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.closed();
  }
}

/**
 * One SSE connection: head, writes, lag, end. Knows bytes and no events.
 *
 * Assumed, and tested: the head went out through `ServerResponse`, the frames go straight to the socket,
 * and the last chunk is `ServerResponse`'s again. The socket is not corked (nobody else writes to it), and
 * the response owns the socket (not so for a pipelined request, which is refused).
 *
 * A socket that has not drained is not written to, but for one `bye` [FAN-3]: what the process queues for
 * it is bounded by the last frame plus `maxQueuedBytes`.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
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
  readonly #isChunked: boolean;
  #owner: SseStreamOwner | undefined;
  #blockedAt: number | undefined;
  #lastWriteAt: number;
  #isEnded = false;

  private constructor(
    request: IncomingMessage,
    response: ServerResponse,
    socket: Socket,
    options: SseStreamOptions,
  ) {
    this.#response = response;
    this.#socket = socket;
    this.#options = options;
    this.#isChunked = request.httpVersionMinor > 0;
    this.#lastWriteAt = options.clock.monotonic();
  }

  /** Takes a connection over. Undefined if it is gone, or if another answer has to be finished on it first. */
  static take(
    request: IncomingMessage,
    response: ServerResponse,
    options: SseStreamOptions,
  ): SseStream | undefined {
    const { socket } = response;
    if (!socket || socket.destroyed || response.headersSent) return undefined;
    return new SseStream(request, response, socket, options);
  }

  get isBlocked(): boolean {
    return this.#blockedAt !== undefined;
  }

  /** Since when the socket has not drained, in monotonic milliseconds. */
  get blockedAt(): number | undefined {
    return this.#blockedAt;
  }

  /** When bytes were last written, in monotonic milliseconds. */
  get lastWriteAt(): number {
    return this.#lastWriteAt;
  }

  /** Writes the head. From here on `owner` is told what happens. */
  open(headers: Readonly<Record<string, string>>, owner: SseStreamOwner): void {
    this.#owner = owner;
    this.#response.writeHead(200, headers);
    this.#response.flushHeaders();
    this.#socket.on('drain', this.#onDrain);
    this.#response.once('close', this.#onClose);
  }

  /** Writes a frame. Whether the socket takes more is seen by `isBlocked`. */
  write(frame: Frame): void {
    if (this.#isEnded) return;
    const takesMore = this.#socket.write(this.#isChunked ? frame.chunk : frame.payload);
    this.#lastWriteAt = this.#options.clock.monotonic();
    if (!takesMore && this.#blockedAt === undefined) {
      this.#blockedAt = this.#lastWriteAt;
      this.#owner?.blocked();
    }
  }

  /** Ends the stream cleanly, with `last` if there is room for it; a second later regardless. */
  end(last: Frame | undefined): void {
    if (this.#isEnded) return;
    if (last && this.#socket.writableLength <= this.#options.maxQueuedBytes) this.write(last);
    this.#isEnded = true;
    const timer = this.#options.clock.after(lingerMs, () => this.#socket.destroy());
    this.#response.once('close', () => timer.cancel());
    this.#response.end();
  }

  readonly #onDrain = (): void => {
    if (this.#blockedAt === undefined) return;
    this.#blockedAt = undefined;
    this.#owner?.drained();
  };

  readonly #onClose = (): void => {
    this.#isEnded = true;
    this.#socket.off('drain', this.#onDrain);
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.closed();
  };
}

/** When a client was heard of and was reached last. Kept as monotonic time, which no step of the clock moves. */

import type { Sent } from './callback-adapter.ts';
import type { Time } from './clock.ts';

export class Contact {
  readonly #time: Time;
  #inbound: number;
  #outbound: number;

  #bytes = 0;
  #events = 0;

  constructor(time: Time) {
    this.#time = time;
    this.#inbound = this.#outbound = time.monotonic();
  }

  /** Wall milliseconds of the last accepted request. */
  get lastInbound(): number {
    return this.#toWall(this.#inbound);
  }

  /**
   * Wall milliseconds of the last answer, or of bytes that were taken.
   * @param reachedAt monotonic milliseconds at which the client was reached in another way
   */
  lastOutbound(reachedAt: number): number {
    return this.#toWall(Math.max(this.#outbound, reachedAt));
  }

  noteInbound(): void {
    this.#inbound = this.#time.monotonic();
  }

  noteOutbound(at = this.#time.monotonic()): void {
    this.#outbound = Math.max(this.#outbound, at);
  }

  /** What the client was sent in the ways that are over. */
  get sent(): Sent {
    return { bytes: this.#bytes, events: this.#events };
  }

  noteSent({ bytes, events }: Sent): void {
    this.#bytes += bytes;
    this.#events += events;
  }

  #toWall(monotonic: number): number {
    return Math.round(this.#time.wall() - (this.#time.monotonic() - monotonic));
  }
}

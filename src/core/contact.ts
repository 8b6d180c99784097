/** When a client was heard of and was reached last. Kept as monotonic time, which no step of the clock moves. */

import type { Time } from './clock.ts';

export class Contact {
  readonly #time: Time;
  #inbound: number;
  #outbound: number;

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

  #toWall(monotonic: number): number {
    return Math.round(this.#time.wall() - (this.#time.monotonic() - monotonic));
  }
}

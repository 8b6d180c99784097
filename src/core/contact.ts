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

  /** Wall milliseconds of the last answer, or of bytes that were taken. */
  get lastOutbound(): number {
    return this.#toWall(this.#outbound);
  }

  noteInbound(): void {
    this.#inbound = this.#time.monotonic();
  }

  noteOutbound(): void {
    this.#outbound = this.#time.monotonic();
  }

  #toWall(monotonic: number): number {
    return Math.round(this.#time.wall() - (this.#time.monotonic() - monotonic));
  }
}

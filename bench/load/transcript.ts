/**
 * The proof that every subscriber of a room got every message once and in order.
 *
 * All streams of a room carry the same events, so they carry the same bytes. The transcript is that sequence of bytes:
 *
 * 1. Whichever stream is the first to get beyond its end extends it; every other one must agree with it byte for byte
 *    (`StreamReader`).
 * 2. What extends it is read here, event by event: each must hold exactly one message, and of each publisher the one
 *    after his last. Nothing else may stand between them.
 * 3. In the end each publisher's last message must have come, and each stream must stand at the end of the transcript.
 *
 * Comparing costs a fraction of parsing: one `memcmp` per read.
 */

import { Latencies } from './latencies.ts';
import { type Tag, tagsOf } from './message.ts';

/** A run that proves nothing, or the contrary. */
export class ProofError extends Error {}

export interface TranscriptOptions {
  /** What an event ends with. */
  readonly terminator: string;
  /** What a whole event must look like. */
  readonly pattern: RegExp;
}

/** The span of time that is measured, in microseconds: messages sent within it, and deliveries. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

const firstBytes = 1 << 20;
// A run sends some megabytes; what sends more than this is no run.
const mostBytes = 1 << 29;
const never: Window = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };

export class Transcript {
  readonly #options: TranscriptOptions;
  readonly latencies = new Latencies();
  bytes = Buffer.allocUnsafeSlow(firstBytes);
  length = 0;
  /** How many messages it has; of each, where it ends and when it was sent. */
  count = 0;
  ends = new Float64Array(1 << 12);
  sentAt = new Float64Array(1 << 12);
  /** Deliveries within the window. */
  deliveries = 0;
  window = never;
  /** How many messages of each publisher are in it. */
  readonly heard = new Map<number, number>();
  #parsedTo = 0;

  constructor(options: TranscriptOptions) {
    this.#options = options;
  }

  get terminator(): string {
    return this.#options.terminator;
  }

  measure(window: Window): void {
    this.window = window;
    this.deliveries = 0;
    this.latencies.clear();
  }

  /** Takes what the first stream to come this far has got. */
  append(source: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) this.#grow(length);
    source.copy(this.bytes, this.length, start, end);
    this.length = length;
    this.#parse();
  }

  /** A stream got as far as message `index`. */
  note(index: number, now: number): void {
    const sentAt = this.sentAt[index] ?? 0;
    const { from, to } = this.window;
    if (now >= from && now < to) this.deliveries++;
    if (sentAt >= from && sentAt < to) this.latencies.record(now - sentAt);
  }

  /** What stands in the line `id:` of a message, or undefined. */
  idOf(message: number): string | undefined {
    const start = message === 0 ? 0 : this.ends[message - 1];
    const event = this.bytes.toString('latin1', start, this.ends[message]);
    return /^id: (.+)$/m.exec(event)?.[1];
  }

  #parse(): void {
    const { terminator } = this.#options;
    for (;;) {
      const at = this.bytes.subarray(this.#parsedTo, this.length).indexOf(terminator, 0, 'latin1');
      if (at < 0) return;
      const end = this.#parsedTo + at + terminator.length;
      this.#read(this.bytes.toString('latin1', this.#parsedTo, end), end);
      this.#parsedTo = end;
    }
  }

  #read(event: string, end: number): void {
    const tags = tagsOf(event);
    const [tag] = tags;
    if (tags.length !== 1 || !tag || !this.#options.pattern.test(event)) {
      throw new ProofError(`Expected one message in an event; got ${JSON.stringify(event.slice(0, 300))}.`);
    }
    this.#follow(tag);
    if (this.count === this.ends.length) {
      this.ends = doubled(this.ends);
      this.sentAt = doubled(this.sentAt);
    }
    this.ends[this.count] = end;
    this.sentAt[this.count] = tag.sentAt;
    this.count++;
  }

  #follow({ publisher, sequence }: Tag): void {
    const expected = this.heard.get(publisher) ?? 0;
    if (sequence !== expected) {
      const what = sequence < expected ? 'came twice or out of order' : 'is missing or late';
      throw new ProofError(
        `Expected message ${expected} of publisher ${publisher}; got ${sequence}: one ${what}.`,
      );
    }
    this.heard.set(publisher, sequence + 1);
  }

  #grow(least: number): void {
    if (least > mostBytes) throw new ProofError(`A stream carried more than ${mostBytes} bytes.`);
    const bytes = Buffer.allocUnsafeSlow(Math.max(least, this.bytes.length * 2));
    this.bytes.copy(bytes, 0, 0, this.length);
    this.bytes = bytes;
  }
}

function doubled(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}

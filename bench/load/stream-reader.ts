/**
 * One subscriber: a socket whose bytes are compared with the transcript of its room.
 *
 * All sockets are read into one buffer, one after the other, and nothing is kept of what agrees with the transcript.
 * `phase` goes head → passing → seeking → live: the answer's head; what comes before the proof begins; the marker
 * after which it begins (`seek`); the proof. One that resumes goes from passing to live by itself (`resumeAt`).
 */

import { connect, type Socket } from 'node:net';
import { ChunkFraming, type Framing, NoFraming, WebSocketFraming } from './framing.ts';
import { nowMicros } from './message.ts';
import { ProofError, type Transcript } from './transcript.ts';

export interface StreamRequest {
  readonly host: string;
  readonly port: number;
  /** Which address of this machine to come from. */
  readonly localAddress: string | undefined;
  /** What is sent first. */
  readonly head: string;
  /** What is sent once the head of the answer has come. */
  readonly greeting: Buffer | undefined;
}

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);
const colon = 58;
// More than a marker and what stands around it in an event.
const tailLength = 2_000;
const mostHeadLength = 64 * 1024;

/** What happened to all streams together. */
export interface StreamCounters {
  reads: number;
  failure: Error | undefined;
}

export class StreamReader {
  readonly #socket: Socket;
  readonly #transcript: Transcript;
  readonly #counters: StreamCounters;
  readonly #request: StreamRequest;
  readonly #take: (buffer: Buffer, start: number, end: number) => void;
  #phase: 'head' | 'passing' | 'seeking' | 'live' | 'closed' = 'head';
  #framing: Framing = new NoFraming();
  #text = '';
  #marker = '';
  #resumesAt: { readonly position: number; readonly message: number } | undefined;
  /** Where it stands in the transcript, and after how many messages. */
  position = 0;
  message = 0;
  #start = 0;
  /** Within a comment, such as a heartbeat, which the transcript does not have. */
  #isInComment = false;
  #now = 0;
  onOpen: (() => void) | undefined;
  onFailure: ((error: Error) => void) | undefined;
  /** If set, a connection that breaks before any answer is no failure: called instead. */
  onRefused: (() => void) | undefined;
  /** Whether its deliveries count as such: not so for what a stream gets late because it was away. */
  isTimed = true;

  constructor(request: StreamRequest, transcript: Transcript, counters: StreamCounters) {
    this.#request = request;
    this.#transcript = transcript;
    this.#counters = counters;
    this.#take = (buffer, start, end) => this.#payload(buffer, start, end);
    const { host, port, localAddress } = request;
    this.#socket = connect({
      host,
      port,
      ...(localAddress === undefined ? {} : { localAddress }),
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(length);
          return true;
        },
      },
    });
    this.#socket.once('connect', () => this.#socket.write(request.head));
    this.#socket.on('error', (error) => this.#fail(new ProofError(`A stream broke: ${error.message}.`)));
    this.#socket.on('close', () => this.#fail(new ProofError('A stream ended before it was to.')));
  }

  get isLive(): boolean {
    return this.#phase === 'live';
  }

  /** The proof begins after the event in which this text stands. */
  seek(marker: string): void {
    this.#marker = marker;
    this.#text = '';
    this.#phase = 'seeking';
  }

  /** The proof begins at once, after so many messages of the transcript: what a stream gets that resumes there. */
  resumeAt(message: number): void {
    const position = message === 0 ? 0 : (this.#transcript.ends[message - 1] ?? 0);
    this.#resumesAt = { position, message };
  }

  /** Hangs up. */
  close(): void {
    this.#phase = 'closed';
    this.#socket.destroy();
  }

  #read(length: number): void {
    this.#counters.reads++;
    if (this.#phase === 'closed') return;
    try {
      let start = 0;
      if (this.#phase === 'head') start = this.#readHead(length);
      if (start < length) {
        this.#now = nowMicros();
        this.#framing.take(readBuffer, start, length, this.#take);
      }
      if (this.#framing.isEnded) throw new ProofError('A stream ended before it was to.');
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @returns where the body begins, or `length` */
  #readHead(length: number): number {
    const before = this.#text.length;
    this.#text += readBuffer.toString('latin1', 0, length);
    const split = this.#text.indexOf('\r\n\r\n');
    if (split < 0) {
      if (this.#text.length > mostHeadLength) throw new ProofError('An answer has no end of its head.');
      return length;
    }
    const head = this.#text.slice(0, split);
    this.#text = '';
    if (!/^HTTP\/1\.1 (?:200|101) /.test(head)) {
      throw new ProofError(`A stream was refused: ${head.split('\r\n')[0]}.`);
    }
    if (/^HTTP\/1\.1 101 /.test(head)) this.#framing = new WebSocketFraming();
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#framing = new ChunkFraming();
    this.#phase = 'passing';
    if (this.#request.greeting) this.#socket.write(this.#request.greeting);
    this.onOpen?.();
    return split + 4 - before;
  }

  #payload(buffer: Buffer, start: number, end: number): void {
    if (this.#phase === 'live') this.#compare(buffer, start, end);
    else if (this.#phase === 'seeking') this.#findMarker(buffer, start, end);
    else if (this.#phase === 'passing' && this.#resumesAt) this.#passPreamble(buffer, start, end);
  }

  #findMarker(buffer: Buffer, start: number, end: number): void {
    this.#text += buffer.toString('latin1', start, end);
    const at = this.#text.indexOf(this.#marker);
    const { terminator } = this.#transcript;
    const stop = at < 0 ? -1 : this.#text.indexOf(terminator, at);
    if (stop < 0) this.#text = this.#text.slice(-tailLength);
    else this.#begin(buffer, end - (this.#text.length - stop - terminator.length), end, 0, 0);
  }

  /** A stream of Parlor's that resumes begins with `retry:`, and then it goes on where it was to. */
  #passPreamble(buffer: Buffer, start: number, end: number): void {
    this.#text += buffer.toString('latin1', start, end);
    const preamble = /^retry: \d+\n\n/.exec(this.#text);
    const from = this.#resumesAt;
    if (preamble && from) {
      const rest = this.#text.length - preamble[0].length;
      this.#begin(buffer, end - rest, end, from.position, from.message);
    } else if (this.#text.length > tailLength) {
      throw new ProofError(`Expected retry: first; got ${JSON.stringify(this.#text.slice(0, 100))}.`);
    }
  }

  #begin(buffer: Buffer, start: number, end: number, position: number, message: number): void {
    this.#text = '';
    this.#phase = 'live';
    this.position = position;
    this.#start = position;
    this.message = message;
    if (start < end) this.#compare(buffer, start, end);
  }

  #compare(buffer: Buffer, from: number, end: number): void {
    let start = from;
    if (this.#isInComment || (buffer[start] === colon && this.#isBetweenEvents)) {
      start = this.#passComment(buffer, start, end);
      if (start === end) return;
    }
    const transcript = this.#transcript;
    const position = this.position;
    const known = Math.min(end - start, transcript.length - position);
    if (
      known > 0 &&
      transcript.bytes.compare(buffer, start, start + known, position, position + known) !== 0
    ) {
      throw new ProofError(this.#difference(buffer, start, known));
    }
    if (start + known < end) transcript.append(buffer, start + known, end);
    this.position = position + end - start;
    let { message } = this;
    while (message < transcript.count && (transcript.ends[message] as number) <= this.position) {
      if (this.isTimed) transcript.note(message, this.#now);
      message++;
    }
    this.message = message;
  }

  get #isBetweenEvents(): boolean {
    const { message } = this;
    return (
      this.position === (message === 0 ? 0 : this.#transcript.ends[message - 1]) ||
      this.position === this.#start
    );
  }

  /** @returns where the comment's block ends, or `end`: a comment comes in one chunk of its own */
  #passComment(buffer: Buffer, start: number, end: number): number {
    this.#isInComment = true;
    const at = buffer.subarray(start, end).indexOf('\n\n');
    if (at < 0) return end;
    this.#isInComment = false;
    return start + at + 2;
  }

  #difference(buffer: Buffer, start: number, length: number): string {
    let at = 0;
    while (at < length && buffer[start + at] === this.#transcript.bytes[this.position + at]) at++;
    const around = (bytes: Buffer, middle: number) =>
      JSON.stringify(bytes.toString('latin1', Math.max(0, middle - 60), middle + 60));
    return (
      `A stream differs from the others after ${this.message} messages: ` +
      `expected ${around(this.#transcript.bytes, this.position + at)}; got ${around(buffer, start + at)}.`
    );
  }

  #fail(error: unknown): void {
    if (this.#phase === 'closed') return;
    const isRefused = this.#phase === 'head' && this.#text === '';
    this.close();
    if (isRefused && this.onRefused) {
      this.onRefused();
      return;
    }
    const failure = error instanceof Error ? error : new Error(String(error));
    this.#counters.failure ??= failure;
    this.onFailure?.(failure);
  }
}

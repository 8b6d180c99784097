/**
 * Reads a stream as cheaply as a process can that reads hundreds of them, and checks that message after message comes in
 * order. What it looks for is what `numbered` makes.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A message that a reader can check: its number, and when it was due to be sent, in milliseconds of this process. */
export function numbered(number: number, dueAt: number, filler = ''): string {
  return `${number} ${Math.round(dueAt)} ${filler}`;
}

interface ReaderOptions {
  /** The number of the first message that it must get. */
  readonly from: number;
  /** How many bytes it takes per second; as many as come if it is not given. */
  readonly bytesPerSecond?: number;
  /** Told how long a message was on its way, in milliseconds. */
  readonly onDelay?: (delayMs: number) => void;
}

const marker = '"message":"';
// A number, a time and the space behind them.
const longestStart = marker.length + 40;
const paceMs = 10;

export class CheckingReader {
  /** What came instead of what was due; undefined if all is well. */
  fault: string | undefined;
  bytes = 0;
  isClosed = false;
  #next: number;
  #rest = '';
  readonly #socket: Socket;
  readonly #onDelay: ((delayMs: number) => void) | undefined;

  private constructor(socket: Socket, { from, onDelay }: ReaderOptions) {
    this.#socket = socket;
    this.#next = from;
    this.#onDelay = onDelay;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => {});
    socket.once('close', () => {
      this.isClosed = true;
    });
  }

  static async open(url: string, options: ReaderOptions): Promise<CheckingReader> {
    const { hostname, port, host, pathname, search } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const reader = new CheckingReader(socket, options);
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    await once(socket, 'data');
    if (options.bytesPerSecond !== undefined) reader.#pace(options.bytesPerSecond);
    return reader;
  }

  /** The number of the message that must come next. */
  get next(): number {
    return this.#next;
  }

  close(): void {
    this.#socket.destroy();
  }

  #pace(bytesPerSecond: number): void {
    const start = performance.now();
    const allowed = () => ((performance.now() - start) * bytesPerSecond) / 1000;
    this.#socket.on('data', () => {
      if (this.bytes > allowed()) this.#socket.pause();
    });
    const timer = setInterval(() => {
      if (this.bytes <= allowed()) this.#socket.resume();
    }, paceMs);
    this.#socket.once('close', () => clearInterval(timer));
  }

  #take(bytes: Buffer): void {
    this.bytes += bytes.length;
    const text = this.#rest + bytes.toString('latin1');
    let from = 0;
    for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, from)) {
      if (at + longestStart > text.length) {
        this.#rest = text.slice(at);
        return;
      }
      this.#message(text.slice(at + marker.length, at + longestStart));
      from = at + marker.length;
    }
    this.#rest = text.slice(Math.max(from, text.length - marker.length));
    if (text.includes('event: bye')) this.fault ??= `a bye before message ${this.#next}`;
  }

  #message(start: string): void {
    const [number, dueAt] = start.split(' ', 2).map(Number);
    if (number !== this.#next) this.fault ??= `message ${number} instead of ${this.#next}`;
    this.#next = (number ?? 0) + 1;
    this.#onDelay?.(performance.now() - (dueAt ?? 0));
  }
}

/** A stream, and when what of it came: packed as browsers take it, and unpacked as they do. */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, constants as zlib } from 'node:zlib';
import { type SseEvent, sseParser } from '../../client/sse-parser.ts';
import { memberOf, parsed } from '../chat/json.ts';
import { headerOf, type Line } from './line.ts';

/** A stream that says more than this is read no further. */
const maxChars = 4 * 1024 * 1024;
const maxEvents = 10_000;

const accepted = { Accept: 'text/event-stream', 'Accept-Encoding': 'gzip, deflate, br' };

export interface HeardEvent extends SseEvent {
  /** Since the stream was asked for. */
  readonly ms: number;
}

export class LiveStream {
  status = 0;
  contentType = '';
  /** How it was packed; empty if it was not. */
  encoding = '';
  readonly events: HeardEvent[] = [];
  /** When something came, in ms since it was asked for. */
  readonly arrivals: number[] = [];
  /** Set when it is over, or will never begin: when that was, and what happened. */
  end: { readonly ms: number; readonly error: unknown } | undefined;
  /** It said more than is read, and was given up for that. */
  isFlood = false;
  readonly #began = performance.now();
  readonly #wakers = new Set<() => void>();
  readonly #life = new AbortController();

  /** Begins at once; whatever goes wrong is found in `end`. */
  constructor(line: Line, path: string, headers: Readonly<Record<string, string>> = {}) {
    this.#read(line, path, headers)
      .catch((error: unknown) => error)
      .then((error) => {
        // So the parser calls a line without an end.
        this.isFlood ||= error instanceof RangeError;
        this.end = { ms: this.#ms(), error };
        this.#wake();
      });
  }

  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** What `init` says; undefined before it has come. */
  get init(): (HeardEvent & { readonly heartbeatMs: number }) | undefined {
    const event = this.events.find(({ type }) => type === 'init');
    if (event === undefined) return undefined;
    const seconds = Number(memberOf(parsed(event.data), 'heartbeat'));
    return { ...event, heartbeatMs: seconds > 0 ? seconds * 1000 : 15_000 };
  }

  /** Resolves with whether `condition` came true before the stream ended, or the time was over. */
  until(condition: () => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const look = () => {
        if (condition()) finish(true);
        else if (this.end !== undefined) finish(false);
      };
      const timer = setTimeout(() => finish(false), ms);
      const finish = (isSo: boolean) => {
        clearTimeout(timer);
        this.#wakers.delete(look);
        resolve(isSo);
      };
      this.#wakers.add(look);
      look();
    });
  }

  close(): void {
    this.#life.abort();
  }

  async #read(line: Line, path: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const { message } = await line.open(path, {
      headers: { ...accepted, ...headers },
      life: this.#life,
    });
    this.status = message.statusCode ?? 0;
    this.contentType = headerOf(message, 'content-type');
    this.encoding = headerOf(message, 'content-encoding');
    this.#wake();
    const decoder = new TextDecoder();
    let chars = 0;
    const parse = sseParser(
      (event) => {
        if (this.events.length < maxEvents) this.events.push({ ...event, ms: this.#ms() });
      },
      () => {},
    );
    for await (const bytes of unpacked(message, this.encoding)) {
      const text = decoder.decode(bytes, { stream: true });
      chars += text.length;
      this.arrivals.push(this.#ms());
      parse(text);
      this.#wake();
      this.isFlood = chars > maxChars || this.arrivals.length > maxEvents;
      if (this.isFlood) return this.close();
    }
  }

  #ms(): number {
    return performance.now() - this.#began;
  }

  #wake(): void {
    for (const look of [...this.#wakers]) look();
  }
}

function unpacked(message: IncomingMessage, encoding: string): Readable {
  switch (encoding) {
    case 'gzip':
      return piped(message, createGunzip({ flush: zlib.Z_SYNC_FLUSH }));
    case 'deflate':
      return piped(message, createInflate({ flush: zlib.Z_SYNC_FLUSH }));
    case 'br':
      return piped(message, createBrotliDecompress());
    default:
      return message;
  }
}

function piped<To extends NodeJS.ReadWriteStream & Readable>(message: IncomingMessage, to: To): To {
  message.on('error', (error) => to.destroy(error));
  message.pipe(to);
  return to;
}

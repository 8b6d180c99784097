/** A connection on which a test says every byte itself, and reads every byte strictly. */

import { connect, type Socket } from 'node:net';
import { waitUntil } from './wait-until.ts';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** How the end of the body was found. */
  readonly framing: 'chunked' | 'length' | 'close';
  readonly chunks: number;
}

export class RawConnection {
  readonly socket: Socket;
  isClosed = false;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
    });
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawConnection(socket);
  }

  get text(): string {
    return this.#received.toString('utf8');
  }

  /** Sends a request head; lines after the first one are headers. */
  request(line: string, headers: Readonly<Record<string, string>> = {}): void {
    const lines = Object.entries({ host: 'localhost', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    this.socket.write([line, ...lines, '', ''].join('\r\n'));
  }

  waitFor(text: string): Promise<void> {
    return waitUntil(() => this.text.includes(text), `"${text}" came; got ${JSON.stringify(this.text)}`);
  }

  async waitForClose(): Promise<void> {
    await waitUntil(() => this.isClosed || this.socket.readableEnded, 'the connection was closed');
  }

  /** Takes one whole answer off the front of what came; waits until there is one. */
  async answer(): Promise<RawAnswer> {
    let taken: { answer: RawAnswer; length: number } | undefined;
    await waitUntil(
      () => {
        taken = parseAnswer(this.#received, this.isClosed || this.socket.readableEnded);
        return taken !== undefined;
      },
      `a whole answer came; got ${JSON.stringify(this.text)}`,
    );
    if (!taken) throw new Error('unreachable');
    this.#received = this.#received.subarray(taken.length);
    return taken.answer;
  }

  close(): void {
    this.socket.destroy();
  }
}

function parseAnswer(bytes: Buffer, isOver: boolean): { answer: RawAnswer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (!status) throw new Error(`Not a status line: ${JSON.stringify(statusLine)}`);
  const headers = new Map(lines.map((line) => splitHeader(line)));
  const start = headEnd + 4;
  if (headers.get('transfer-encoding') === 'chunked') {
    const body = parseChunked(bytes, start);
    if (!body) return undefined;
    const { text, chunks, end } = body;
    return { answer: { status, headers, body: text, framing: 'chunked', chunks }, length: end };
  }
  const length = headers.get('content-length');
  if (length === undefined) {
    if (!isOver) return undefined;
    const body = bytes.toString('utf8', start);
    return { answer: { status, headers, body, framing: 'close', chunks: 0 }, length: bytes.length };
  }
  const end = start + Number(length);
  if (bytes.length < end) return undefined;
  const body = bytes.toString('utf8', start, end);
  return { answer: { status, headers, body, framing: 'length', chunks: 0 }, length: end };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Reads a chunked body to its last chunk; undefined if that has not come yet. Throws at the first wrong byte. */
export function parseChunked(
  bytes: Buffer,
  start: number,
): { text: string; chunks: number; end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const sizeText = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-f]+$/i.test(sizeText))
      throw new Error(`Not the size of a chunk: ${JSON.stringify(sizeText)}`);
    const size = Number.parseInt(sizeText, 16);
    const dataEnd = lineEnd + 2 + size;
    if (bytes.length < dataEnd + 2) return undefined;
    if (bytes.toString('latin1', dataEnd, dataEnd + 2) !== '\r\n') throw new Error('A chunk does not end.');
    at = dataEnd + 2;
    if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), chunks: parts.length, end: at };
    parts.push(bytes.subarray(lineEnd + 2, dataEnd));
  }
}

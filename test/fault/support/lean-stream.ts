/** A stream of which only the end is kept: two thousand of them in one process cost little. */

import { connect, type Socket } from 'node:net';

const tailBytes = 512;
const head = 'HTTP/1.1 200 OK\r\n';
/** A frame before, the last frame as a chunk, and the last chunk: what no stream has that was cut off. */
const cleanEnd =
  /\n\n\r\n(?<size>[0-9a-f]+)\r\n(?<bye>retry: (?<retry>\d+)\n\nevent: bye\ndata: \{"reason":"(?<reason>[a-z-]+)"[^\n]*\n\n)\r\n0\r\n\r\n$/;

/** What a stream said at its end. */
export interface Farewell {
  readonly reason: string;
  readonly retryMs: number;
}

export class LeanStream {
  /** Resolves when the connection is closed, however that came. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #tail = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      const all = bytes.length >= tailBytes ? bytes : Buffer.concat([this.#tail, bytes]);
      // A copy, so that the whole of what came is not held by its end.
      this.#tail = Buffer.from(all.subarray(-tailBytes));
    });
  }

  /**
   * Opens a stream; resolves once it has begun.
   * @throws Error if something else was answered
   */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LeanStream> {
    const { hostname, port, pathname, search, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const stream = new LeanStream(socket);
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
    socket.write([`GET ${pathname}${search} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    const begun = new Promise<string>((resolve) => {
      socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1', 0, tailBytes)));
    });
    const text = await Promise.race([begun, stream.closed]);
    if (!text?.startsWith(head)) throw new Error(`${url} was answered: ${text ?? 'nothing'}`);
    return stream;
  }

  /** The `bye` with which it ended cleanly; undefined if it was cut off, or goes on. */
  get farewell(): Farewell | undefined {
    const { size = '', bye, reason, retry } = cleanEnd.exec(this.tail)?.groups ?? {};
    const isWhole = bye?.length === Number.parseInt(size, 16);
    return isWhole && reason ? { reason, retryMs: Number(retry) } : undefined;
  }

  /** Its last bytes, for a test that fails. */
  get tail(): string {
    return this.#tail.toString('latin1');
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}

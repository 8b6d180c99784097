/**
 * A keep-alive connection for one request at a time: the least of HTTP that a load generator needs.
 *
 * It connects with the first request, and again if the server has closed it between two of them: servers do not wait for
 * ever for who says nothing.
 */

import { connect, type Socket } from 'node:net';

export type OnAnswer = (status: number, answer: string) => void;

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

export class HttpConnection {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #text = '';
  #onAnswer: OnAnswer | undefined;
  #onFailure: (error: Error) => void;
  #isClosed = false;

  /** @param onFailure told once if the connection breaks before an answer has come */
  constructor(host: string, port: number, onFailure: (error: Error) => void) {
    this.#host = host;
    this.#port = port;
    this.#onFailure = onFailure;
  }

  get isBusy(): boolean {
    return this.#onAnswer !== undefined;
  }

  /** @param onAnswer called with the status and the whole answer */
  ask(request: string, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#socket ??= this.#connect();
    this.#socket.write(request, 'latin1');
  }

  /** The same as a promise. */
  call(request: string): Promise<{ status: number; answer: string }> {
    return new Promise((resolve, reject) => {
      const before = this.#onFailure;
      this.#onFailure = (error) => {
        before(error);
        reject(error);
      };
      this.ask(request, (status, answer) => {
        this.#onFailure = before;
        resolve({ status, answer });
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({
      host: this.#host,
      port: this.#port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(length);
          return true;
        },
      },
    });
    const lost = (error: Error) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      socket.destroy();
      if (this.isBusy) this.#fail(error);
    };
    socket.on('error', lost);
    socket.on('end', () => lost(new Error('the server closed the connection')));
    socket.on('close', () => lost(new Error('the server closed the connection')));
    return socket;
  }

  #read(length: number): void {
    if (this.#isClosed) return;
    this.#text += readBuffer.toString('latin1', 0, length);
    if (!isWhole(this.#text)) return;
    const answer = this.#text;
    const onAnswer = this.#onAnswer;
    this.#text = '';
    this.#onAnswer = undefined;
    onAnswer?.(Number(answer.slice(9, 12)), answer);
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#onFailure(error);
  }
}

/** Whether an answer has come to its end. */
function isWhole(text: string): boolean {
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text);
  if (length) return text.length >= split + 4 + Number(length[1]);
  return !/\r\ntransfer-encoding: *chunked/i.test(text) || text.endsWith('0\r\n\r\n');
}

/** A client that asks for a stream and then reads nothing: what comes stays with the kernel, until it is full too. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class StalledReader {
  readonly socket: Socket;
  /** Settles when the connection is closed, or cut off. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close').then(() => {});
    socket.on('error', () => {});
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<StalledReader> {
    const { hostname, port, host, pathname, search } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    // Before anything has come: Node begins to read as soon as it is connected.
    socket.pause();
    const reader = new StalledReader(socket);
    await once(socket, 'connect');
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
    socket.write([`GET ${pathname}${search} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    return reader;
  }

  close(): void {
    this.socket.destroy();
  }
}

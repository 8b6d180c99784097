/** The server's own ends of its connections, to see what it queues and to make them fail. */

import type { Socket } from 'node:net';
import type { TestServer } from './test-server.ts';
import { waitUntil } from './wait-until.ts';

export class ServerSockets {
  readonly all = new Set<Socket>();

  constructor({ app }: TestServer) {
    app.server.on('connection', (socket: Socket) => {
      this.all.add(socket);
      socket.once('close', () => this.all.delete(socket));
    });
  }

  /** The other end of a client's socket. */
  of(client: Socket): Socket {
    for (const socket of this.all) if (socket.remotePort === client.localPort) return socket;
    throw new Error(`The server has no connection from port ${client.localPort}.`);
  }

  /** Lets bytes be sent until this one, whose client does not read, takes no more; returns it. */
  async fill(client: Socket, send: () => Promise<unknown>): Promise<Socket> {
    const socket = this.of(client);
    await waitUntil(async () => {
      await send();
      return socket.writableNeedDrain && (await this.#isStuck(socket));
    }, 'the socket took no more');
    return socket;
  }

  /** Waits until this one no longer takes bytes; returns it. */
  async blocked(client: Socket): Promise<Socket> {
    const socket = this.of(client);
    await waitUntil(() => this.#isStuck(socket), 'the socket took no more');
    return socket;
  }

  /** What drains within some turns of the event loop is not stuck. */
  async #isStuck(socket: Socket): Promise<boolean> {
    const before = socket.bytesWritten;
    for (let turn = 0; turn < 50; turn++) {
      if (!socket.writableNeedDrain) return false;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return socket.writableNeedDrain && socket.bytesWritten === before;
  }
}

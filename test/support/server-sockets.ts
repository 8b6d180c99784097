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

  /** Waits until this one no longer takes bytes; returns it. */
  async blocked(client: Socket): Promise<Socket> {
    const socket = this.of(client);
    let before = -1;
    await waitUntil(async () => {
      const isStill = socket.writableNeedDrain && socket.bytesWritten === before;
      before = socket.bytesWritten;
      // What drains within a few turns of the event loop is not blocked.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      return isStill && socket.writableNeedDrain && socket.bytesWritten === before;
    }, 'the socket took no more');
    return socket;
  }
}

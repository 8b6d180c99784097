/**
 * Closes at shutdown the connections over which nothing was asked yet. Browsers open some in advance, and Node counts
 * them as busy: without this, one of them holds up a shutdown for as long as it likes [FAN-6].
 */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';

/** For an application that owns its server. */
export function closeUnusedConnections(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  let isClosing = false;
  // One for all connections: each lives as long as a stream, and a listener of its own is two hundred bytes.
  function forget(this: Socket): void {
    unused.delete(this);
  }
  // Over TLS it is another socket that requests come over, once the connection is secure.
  const accepted = app.server instanceof TlsServer ? 'secureConnection' : 'connection';
  app.server.on(accepted, (socket: Socket) => {
    // Accepted in the moment before the server stops listening.
    if (isClosing) socket.destroy();
    else unused.add(socket.on('close', forget));
  });
  app.server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
  });
}

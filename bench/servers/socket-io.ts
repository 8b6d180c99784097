/** Baseline: Socket.IO over WebSocket, all sockets in its main namespace. */

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { listen } from './listen.ts';
import { readText } from './read-text.ts';

// The load generator answers no pings: none comes within a run.
const pingInterval = 3_600_000;

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return;
  const text = await readText(request);
  io.emit('message', text);
  response.writeHead(201, { 'content-length': '0' }).end();
});
const io = new Server(server, { transports: ['websocket'], serveClient: false, pingInterval });
listen(server);

/** Baseline: SSE as most tutorials have it, `node:http` with one `response.write` per event and stream. */

import { createServer, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import { readText } from './read-text.ts';

const streams = new Set<ServerResponse>();
let id = 0;

listen(
  createServer(async (request, response) => {
    if (request.method === 'POST') {
      const text = await readText(request);
      const event = `id: ${++id}\ndata: ${text}\n\n`;
      for (const stream of streams) stream.write(event);
      response.writeHead(201, { 'content-length': '0' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }),
);

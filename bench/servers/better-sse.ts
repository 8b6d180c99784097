/** Baseline: better-sse on `node:http`, all sessions in one of its channels. */

import { createServer } from 'node:http';
import { createChannel, createSession } from 'better-sse';
import { listen } from './listen.ts';
import { readText } from './read-text.ts';

const channel = createChannel();
let id = 0;

listen(
  createServer(async (request, response) => {
    if (request.method === 'POST') {
      const text = await readText(request);
      channel.broadcast(text, 'message', { eventId: String(++id) });
      response.writeHead(201, { 'content-length': '0' }).end();
      return;
    }
    channel.register(await createSession(request, response));
  }),
);

/** Baseline: Fastify with @fastify/sse, one `reply.sse.send` per event and stream. */

import fastifySse from '@fastify/sse';
import Fastify, { type FastifyReply } from 'fastify';
import { listen } from './listen.ts';

const app = Fastify({ logger: false });
const streams = new Set<FastifyReply>();
let id = 0;

// The package's types are those of CommonJS.
await app.register(fastifySse as unknown as typeof fastifySse.default);
app.get('/stream', { sse: true }, async (_request, reply) => {
  reply.sse.keepAlive();
  reply.sse.sendHeaders();
  reply.raw.flushHeaders();
  streams.add(reply);
  reply.sse.onClose(() => streams.delete(reply));
});
app.post('/publish', async (request, reply) => {
  const event = { id: String(++id), data: String(request.body) };
  for (const stream of streams) void stream.sse.send(event).catch(() => streams.delete(stream));
  return reply.code(201).send();
});
await app.ready();
listen(app.server);

/** Sends JSON that is text already. */

// Adds `reply.compress` to the types.
import type {} from '@fastify/compress';
import type { FastifyReply } from 'fastify';

// Below this, compressing costs more than it saves.
const compressFromBytes = 1024;

export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  reply.header('content-type', 'application/json; charset=utf-8');
  if (Buffer.byteLength(json) > compressFromBytes) reply.compress(`${json}\n`);
  else reply.send(json);
  return reply;
}

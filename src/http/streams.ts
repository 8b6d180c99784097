/** Opens an SSE stream on a request: of a session, or of the feed. */

import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ChatRoom } from '../core/chat-room.ts';
import type { Position } from '../core/cursor.ts';
import { endingOf } from '../core/endings.ts';
import { ChatError } from '../core/errors.ts';
import type { Session } from '../core/session.ts';
import { SseCallbackAdapter } from '../delivery/sse-callback-adapter.ts';
import { byeText, frameOf, retryText } from '../delivery/sse-frame.ts';
import { SseStream } from '../delivery/sse-stream.ts';
import { EventStream } from '../schemas/stream.ts';
import { addressKey } from './client-address.ts';
import { requireAddress } from './credentials.ts';
import { problemOf } from './errors.ts';
import { askedFor } from './problem-handlers.ts';
import { requireOpenServer } from './server-state.ts';
import type { Services } from './services.ts';

/** What a route that streams says of its answer. */
export const streamed = { content: { 'text/event-stream': { schema: EventStream } } };

const streamHeaders = {
  'content-type': 'text/event-stream',
  // Nor compressed: Caddy and HAProxy hold back what they compress, and CDNs gather what they rewrite.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const;

export interface StreamRequest {
  readonly room: ChatRoom;
  /** Whose stream it is, or who reads a feed that is for members only. */
  readonly session: Session | undefined;
  readonly isFeed: boolean;
  readonly after: Position | undefined;
  readonly last: number;
  readonly keepsAlive: boolean;
}

/**
 * Takes the connection over and streams. Undefined if the client has gone already.
 * @throws ChatError `invalid-request` behind another request on the same connection, `permission-denied` from a banned
 *   address, `unavailable` while draining, or as `StreamSet.admit`
 */
export function openStream(
  request: FastifyRequest,
  reply: FastifyReply,
  stream: StreamRequest,
  services: Services,
): SseCallbackAdapter | undefined {
  requireOpenServer(services.state());
  // Again, in one step with what makes the stream known: from then on a ban finds it.
  requireAddress(request, stream.room.name, services);
  const { config, streams, entitlements, fanOuts, observer } = services;
  const address = addressKey(request.ip);
  const connection = takeConnection(reply, services);
  if (!connection) return undefined;
  streams.admit(address);
  const adapter = new SseCallbackAdapter({
    room: stream.room,
    stream: connection,
    fanOut: fanOuts.of(stream.room),
    streams,
    entitlements,
    observer,
    session: stream.session,
    isFeed: stream.isFeed,
    keepsAlive: stream.keepsAlive,
    address,
    timeoutSeconds: config.sessionTimeoutMs === null ? null : config.sessionTimeoutMs / 1000,
    heartbeatSeconds: config.heartbeatMs / 1000,
  });
  try {
    stream.session?.plug(adapter);
  } catch (error) {
    streams.dismiss(address);
    throw error;
  }
  reply.hijack();
  try {
    adapter.open(headersOf(reply), stream.after, stream.last);
    services.onStream(request);
  } catch (error) {
    // After `hijack` nobody else would answer.
    adapter.fail(error);
  }
  return adapter;
}

/**
 * What answers the errors of a route that streams. Passing ones look like a stream: `EventSource` never
 * retries after anything but a 200, so it is told by `retry:` and `bye`. The others go on to whoever is next.
 */
export function streamErrorHandler(services: Services) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (!isPassing(error) || request.method === 'HEAD') throw error;
    services.reportProblem(problemOf(error, request.id), error, askedFor(request));
    refuseStream(reply, error, services);
  };
}

function refuseStream(reply: FastifyReply, error: ChatError, services: Services): void {
  const connection = takeConnection(reply, services);
  if (!connection) return;
  reply.hijack();
  connection.open(headersOf(reply), { blocked: () => {}, drained: () => {}, closed: () => {} });
  const retryMs = services.streams.reconnectMs(error.extras.retryAfterMs);
  connection.end(frameOf(retryText(retryMs) + byeText(endingOf('unavailable'))));
}

/** Whether `EventSource` should try again: only then a refusal must look like a stream. */
export function isPassing(error: unknown): error is ChatError {
  return error instanceof ChatError && (error.code === 'unavailable' || error.code === 'rate-limited');
}

/** Answers `HEAD` with what `GET` would begin with. */
export function answerHead(reply: FastifyReply): FastifyReply {
  return reply.headers(streamHeaders).send();
}

/** With what hooks have set so far, which `hijack` would drop. */
function headersOf(reply: FastifyReply): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) headers[name] = typeof value === 'number' ? String(value) : value;
  }
  return { ...headers, ...streamHeaders };
}

function takeConnection(reply: FastifyReply, services: Services): SseStream | undefined {
  if (reply.raw.destroyed) return undefined;
  if (!reply.raw.socket) {
    throw new ChatError(
      'invalid-request',
      'A stream cannot be asked for behind another request (pipelining).',
    );
  }
  return SseStream.take(reply.raw, {
    clock: services.clock,
    maxQueuedBytes: services.config.slowClientBytes,
  });
}

/** What a pull client uses: `getInitialUsers`, `getUpdates`, `send`. */

import type { FastifyInstance, FastifyReply } from 'fastify';
import { formatCursor } from '../core/cursor.ts';
import { ChatError } from '../core/errors.ts';
import type { Reading } from '../core/event-log.ts';
import { getUpdates } from '../delivery/poll-callback-adapter.ts';
import { readingJson } from '../delivery/reading-json.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { defaultPageLimit } from '../schemas/page-limits.ts';
import { UpdatesAnswer, UpdatesQuery } from '../schemas/room.ts';
import { SendAnswer, SendBody, UsersAnswer } from '../schemas/session.ts';
import { addressKey } from './client-address.ts';
import { acceptReading, requireAddress, sessionHook, sessionOf } from './credentials.ts';
import { isBodyTooLarge, setLimitHeaders } from './errors.ts';
import { sendJson } from './json.ts';
import { requirePosition } from './positions.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

const keyPattern = /^[A-Za-z0-9_-]{1,64}$/;

export async function pullRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();

  app.get(
    '/v1/rooms/:room/session/users',
    {
      schema: {
        operationId: 'getInitialUsers',
        summary: 'The roster, at a cursor; changes nothing',
        api: { tag: 'talk', access: 'member', errors: ['permission-denied'], answers: { 200: 'The roster' } },
        params: RoomParams,
        response: { 200: UsersAnswer, default: Problem },
      },
      onRequest: sessionHook(services),
    },
    async (request, reply) => {
      const { log } = (await acceptReading(request, 'getInitialUsers')).chatRoom;
      return sendJson(reply, `{"users":${log.roster.toJson()},"cursor":"${formatCursor(log.headCursor)}"}`);
    },
  );

  app.get(
    '/v1/rooms/:room/session/updates',
    {
      schema: {
        operationId: 'getUpdates',
        summary: 'The events after a cursor, at once or as soon as there are any',
        api: {
          tag: 'talk',
          access: 'member',
          errors: ['cross-origin', 'permission-denied'],
          answers: { 200: 'What is new, which may be nothing' },
        },
        params: RoomParams,
        querystring: UpdatesQuery,
        response: { 200: UpdatesAnswer, default: Problem },
      },
      // It joins, moves the position, takes notices away and counts as a stream: as `subscribe`.
      onRequest: sessionHook(services, { checksOrigin: true }),
    },
    (request, reply) => {
      const session = sessionOf(request);
      const { after, limit, wait } = request.query;
      const answer = (reading: Reading): void => {
        session.noteOutbound();
        // Whoever has hung up, or asks for the head, takes none away.
        const isTaken = request.method !== 'HEAD' && !reply.raw.destroyed;
        if (reading.gap) services.observer.gapTold?.(session.room, reading.gap.lost);
        const json = readingJson(reading, isTaken ? session.takeNotices() : undefined);
        if (isTaken) {
          const events = reading.events.length;
          services.counters.polled += events;
          session.noteSent({ bytes: Buffer.byteLength(json), events });
        }
        sendJson(reply, json);
      };
      const reading = getUpdates(
        session,
        {
          after: requirePosition(after),
          limit: limit ?? defaultPageLimit,
          // Behind another request on the same connection nobody would see the caller hang up [SES-11].
          waitMs: !reply.raw.socket ? 0 : (wait ?? 0) * 1000,
          isHead: request.method === 'HEAD',
          address: () => {
            requireAddress(request, session.room, services);
            return addressKey(request.ip);
          },
          onHangUp: (callback) => onHangUp(reply, callback),
        },
        services,
      );
      if (reading instanceof Promise) reading.then(answer).catch((error) => reply.send(error));
      else answer(reading);
    },
  );

  app.post(
    '/v1/rooms/:room/session/messages',
    {
      config: { acceptsText: true },
      schema: {
        operationId: 'send',
        summary: 'Says something; answered once it is committed',
        api: {
          tag: 'talk',
          access: 'member',
          errors: ['cross-origin', 'permission-denied', 'not-joined', 'invalid-message', 'key-reused'],
          headers: ['sendKey'],
          answerHeaders: ['RateLimit', 'RateLimit-Policy'],
          answers: { 200: 'It was said before with this key: the first answer', 201: 'It is committed' },
        },
        params: RoomParams,
        body: SendBody,
        response: { 200: SendAnswer, 201: SendAnswer, default: Problem },
      },
      onRequest: sessionHook(services, { checksOrigin: true }),
      errorHandler: (error, request) => {
        // A body that is too large never reaches the session, and is a refused send all the same.
        if (isBodyTooLarge(error)) request.chatSession?.strike();
        throw error;
      },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      const { message, key } = request.body;
      const answer = await session.send(message, keyOf(request.headers['idempotency-key']) ?? key ?? null);
      session.noteOutbound();
      const left = session.usage.sendsLeft();
      if (left) setLimitHeaders(reply, left.limit, left.count, Math.ceil(left.fullMs / 1000));
      return reply.code(answer.isRepeat ? 200 : 201).send({ id: answer.id, timestamp: answer.timestamp });
    },
  );
}

/** The header wins over the body. */
function keyOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && keyPattern.test(header)) return header;
  throw new ChatError('invalid-request', 'Expected 1 to 64 of A-Z, a-z, 0-9, _ and - as Idempotency-Key.');
}

function onHangUp(reply: FastifyReply, callback: () => void): () => void {
  if (reply.raw.destroyed) callback();
  reply.raw.once('close', callback);
  return () => reply.raw.off('close', callback);
}

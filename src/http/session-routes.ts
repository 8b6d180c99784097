/** A session from `create` to `destroy`. */

import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Created } from '../core/create-request.ts';
import { formatCursor } from '../core/cursor.ts';
import { ChatError } from '../core/errors.ts';
import type { Session } from '../core/session.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { CreateAnswer, CreateBody, SessionAnswer } from '../schemas/session.ts';
import { clearedCookie } from './cookies.ts';
import { createSession, requireCreate } from './create-session.ts';
import { acceptReading, bearerToken, requireRoom, sessionHook, sessionOf } from './credentials.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const path = '/v1/rooms/:room/session';

export async function sessionRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { config, registry } = services;

  app.post(
    path,
    {
      schema: {
        operationId: 'create',
        summary: 'Opens a session under a name',
        api: {
          tag: 'session',
          access: 'newcomer',
          errors: ['cross-origin', 'name-in-use', 'invalid-name', 'session-gone'],
          headers: ['createKey'],
          answerHeaders: ['Set-Cookie'],
          answers: {
            200: 'The session that the caller holds already under this name, or the first answer to this key',
            201: 'The session; its token is in the cookie, or in `token`',
          },
        },
        params: RoomParams,
        body: CreateBody,
        response: { 200: CreateAnswer, 201: CreateAnswer, default: Problem },
      },
      onRequest: async (request) => {
        requireRoom(request.params.room, services);
        // A bearer is added by no browser of itself, whoever it belongs to.
        if (bearerToken(request) === undefined) requireSameOrigin(request, config);
        requireCreate(request, services);
      },
    },
    async (request, reply) => {
      const { room } = request.params;
      const { password, delivery, credential } = request.body;
      const createKey = createKeyOf(request);
      const usesCookie = credential !== 'bearer';
      const created = await createSession(
        request,
        reply,
        {
          room,
          name: request.body.name,
          password,
          delivery: delivery === 'push' ? 'push' : 'pull',
          usesCookie,
          createKey,
        },
        services,
      );
      return reply.code(created.token === null ? 200 : 201).send(createAnswer(created, usesCookie, services));
    },
  );

  app.get(
    path,
    {
      schema: {
        operationId: 'getSession',
        summary: 'Describes the session of the caller',
        api: {
          tag: 'session',
          access: 'member',
          errors: ['permission-denied'],
          answers: { 200: 'The session' },
        },
        params: RoomParams,
        response: { 200: SessionAnswer, default: Problem },
      },
      onRequest: sessionHook(services),
    },
    async (request) => {
      return sessionAnswer(await acceptReading(request, 'getSession'), services);
    },
  );

  app.delete(
    path,
    {
      // Nobody is kept from leaving, or the room would keep his name.
      config: { answeredWhile: ['draining'] },
      schema: {
        operationId: 'destroy',
        summary: 'Ends the session of the caller, who leaves the room',
        api: {
          tag: 'session',
          access: 'member',
          errors: ['cross-origin'],
          answerHeaders: ['Set-Cookie'],
          answers: { 204: 'It has ended, and its cookie is cleared' },
        },
        params: RoomParams,
        response: { 204: Type.Null(), default: Problem },
      },
      onRequest: sessionHook(services, { checksOrigin: true, isLeaving: true }),
    },
    async (request, reply) => {
      await registry.leave(sessionOf(request));
      if (bearerToken(request) === undefined)
        reply.header('set-cookie', clearedCookie(request, request.params.room));
      return reply.code(204).send(null);
    },
  );

  app.post(
    `${path}/ping`,
    {
      schema: {
        operationId: 'ping',
        summary: 'Says that the caller is still there',
        api: {
          tag: 'session',
          access: 'member',
          errors: ['cross-origin', 'permission-denied'],
          answers: { 204: 'Heard' },
        },
        params: RoomParams,
        response: { 204: Type.Null(), default: Problem },
      },
      onRequest: sessionHook(services, { checksOrigin: true }),
    },
    async (request, reply) => {
      await acceptReading(request, 'ping');
      return reply.code(204).send(null);
    },
  );
}

function createKeyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && uuid.test(key)) return key.toLowerCase();
  throw new ChatError('invalid-request', 'Expected a UUID as Idempotency-Key of create.');
}

function createAnswer(
  { session, token, cursor }: Created,
  usesCookie: boolean,
  { config }: Services,
): CreateAnswer {
  return {
    sessionId: session.sessionId,
    name: session.name,
    room: session.room,
    delivery: session.delivery,
    cursor: formatCursor(cursor),
    timeout: secondsOf(config.sessionTimeoutMs),
    heartbeat: config.heartbeatMs / 1000,
    maxMessageBytes: config.maxMessageBytes,
    ...(token !== null && !usesCookie ? { token } : {}),
  };
}

function sessionAnswer(session: Session, { config }: Services) {
  const { user } = session;
  return {
    sessionId: session.sessionId,
    user: user ? { id: user.id, name: user.name } : null,
    name: session.name,
    room: session.room,
    delivery: session.delivery,
    state: session.state,
    createdAt: session.createdAt,
    lastInbound: session.lastInbound,
    lastOutbound: session.lastOutbound,
    timeout: secondsOf(config.sessionTimeoutMs),
    heartbeat: config.heartbeatMs / 1000,
    maxMessageBytes: config.maxMessageBytes,
  };
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

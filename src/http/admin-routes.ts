/** What an operator does: looks who is there, and shows out. Each act leaves a line in the audit log. */

import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { validateReason } from '../core/deed-reasons.ts';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import type { Session } from '../core/session.ts';
import {
  type AdminSession,
  AdminSessionParams,
  AdminSessionsAnswer,
  AdminSessionsQuery,
  RemoveQuery,
} from '../schemas/admin.ts';
import { Problem } from '../schemas/common.ts';
import { defaultPageLimit } from '../schemas/page-limits.ts';
import { adminHook } from './admin-token.ts';
import { auditedReason } from './audit.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

export async function adminRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { registry, observer } = services;
  const onRequest = adminHook(services);

  app.get(
    '/v1/admin/sessions',
    {
      schema: {
        operationId: 'listSessions',
        summary: 'The sessions that this process serves, the oldest first',
        api: { tag: 'administration', access: 'operator', answers: { 200: 'A page of them' } },
        querystring: AdminSessionsQuery,
        response: { 200: AdminSessionsAnswer, default: Problem },
      },
      onRequest,
    },
    async (request) => {
      const { room, offset = 0, limit = defaultPageLimit } = request.query;
      const all = [...registry.sessions()].filter((session) => room === undefined || session.room === room);
      return { sessions: all.slice(offset, offset + limit).map(describe), total: all.length };
    },
  );

  app.delete(
    '/v1/admin/sessions/:sessionId',
    {
      schema: {
        operationId: 'removeSession',
        summary: 'Shows a client out, who is told `removed` and why',
        api: {
          tag: 'administration',
          access: 'operator',
          errors: ['invalid-message'],
          answers: { 204: 'It has ended' },
        },
        params: AdminSessionParams,
        querystring: RemoveQuery,
        response: { 204: Type.Null(), default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const { sessionId } = request.params;
      const reason = validateReason(request.query.reason);
      const session = registry.get(sessionId);
      if (!session) throw new ChatError('not-found', `There is no session ${quote(sessionId)} here.`);
      // Before it is done: what the store fails to keep of it has happened all the same.
      const { room, name, user } = session;
      observer.administered?.({
        act: 'session removed',
        address: request.ip,
        sessionId,
        room,
        name,
        ...(user && { userId: user.id }),
        ...auditedReason(reason),
      });
      await registry.remove(session, reason);
      return reply.code(204).send(null);
    },
  );
}

function describe(session: Session): AdminSession {
  const { sessionId, user, name, room, delivery, state, createdAt, lastInbound, lastOutbound } = session;
  const { streams, lag } = session.reach;
  return {
    sessionId,
    user: user && { id: user.id, name: user.name },
    name,
    room,
    delivery,
    state,
    address: session.address ?? null,
    createdAt,
    lastInbound,
    lastOutbound,
    streams,
    lag,
  };
}

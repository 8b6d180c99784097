/** How an operator sees the rooms, closes one and opens it again. Each act leaves a line in the audit log. */

import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { Problem, RoomParams } from '../schemas/common.ts';
import { ClosureBody } from '../schemas/restrictions.ts';
import { adminHook } from './admin-token.ts';
import { auditedReason, auditing } from './audit.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

const closure = '/v1/admin/rooms/:room/closure';

export async function roomRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { restrictions } = services;
  const onRequest = adminHook(services);
  const audited = auditing(services);

  app.put(
    closure,
    {
      schema: {
        operationId: 'closeRoom',
        summary: 'Closes a room: who is there is shown out, and nobody comes in or reads',
        api: {
          tag: 'administration',
          access: 'operator',
          errors: ['invalid-message'],
          answers: { 204: 'It is closed' },
        },
        params: RoomParams,
        body: ClosureBody,
        response: { 204: Type.Null(), default: Problem },
      },
      onRequest,
      // All of it may be left away.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async (request, reply) => {
      const { room } = request.params;
      const { reason } = request.body;
      await audited(
        request,
        { act: 'room closed', room, ...auditedReason(reason) },
        () => restrictions.closeRoom(room, reason),
        () => ({}),
      );
      return reply.code(204).send(null);
    },
  );

  app.delete(
    closure,
    {
      schema: {
        operationId: 'reopenRoom',
        summary: 'Opens a closed room again',
        api: { tag: 'administration', access: 'operator', answers: { 204: 'It is open' } },
        params: RoomParams,
        response: { 204: Type.Null(), default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const { room } = request.params;
      await audited(
        request,
        { act: 'room reopened', room },
        () => restrictions.reopenRoom(room),
        (wasClosed) => (wasClosed ? {} : undefined),
      );
      return reply.code(204).send(null);
    },
  );
}

/** What an operator does to the log of a room: announces, and redacts. Each act leaves a line in the audit log, which has no text. */

import type { FastifyInstance } from 'fastify';
import { validateReason } from '../core/deed-reasons.ts';
import { announce, redact } from '../core/moderation.ts';
import type { LogPlace } from '../core/store.ts';
import { AnnounceBody, RedactParams, RedactQuery } from '../schemas/admin.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { SendAnswer } from '../schemas/session.ts';
import { adminHook } from './admin-token.ts';
import { auditedReason, auditing } from './audit.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

export async function moderationRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { rooms, config } = services;
  const onRequest = adminHook(services);
  const audited = auditing(services);

  app.post(
    '/v1/admin/rooms/:room/announcements',
    {
      schema: {
        operationId: 'announce',
        summary: 'Says something to everybody in a room, in nobody’s name',
        api: {
          tag: 'administration',
          access: 'operator',
          errors: ['invalid-message'],
          answers: { 201: 'It is committed' },
        },
        params: RoomParams,
        body: AnnounceBody,
        response: { 201: SendAnswer, default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const { room: name } = request.params;
      const room = await rooms.open(name);
      const place = await audited(
        request,
        { act: 'announced', room: name },
        () => announce(room, request.body.message, config.maxMessageBytes),
        eventOf,
      );
      return reply.code(201).send(place);
    },
  );

  app.delete(
    '/v1/admin/rooms/:room/messages/:id',
    {
      schema: {
        operationId: 'redact',
        summary: 'Takes the text out of a message or announcement for good; again: the same answer',
        api: {
          tag: 'administration',
          access: 'operator',
          errors: ['invalid-message'],
          answers: { 200: 'The redaction: the first, if there was one' },
        },
        params: RedactParams,
        querystring: RedactQuery,
        response: { 200: SendAnswer, default: Problem },
      },
      onRequest,
    },
    async (request) => {
      const { room: name, id: target } = request.params;
      const reason = validateReason(request.query.reason);
      const room = await rooms.open(name);
      const deed = { act: 'message redacted', room: name, target, ...auditedReason(reason) } as const;
      return audited(request, deed, () => redact(room, target), eventOf);
    },
  );
}

function eventOf({ id }: LogPlace): { readonly eventId: number } {
  return { eventId: id };
}

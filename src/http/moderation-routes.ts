/** What an operator does to the log of a room: announces, and redacts. Each act leaves a line in the audit log, which has no text. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { maxReasonLength, validateReason } from '../core/deed-reasons.ts';
import { isUnavailable } from '../core/errors.ts';
import { announce, redact } from '../core/moderation.ts';
import type { AdminDeed } from '../core/observer.ts';
import { quote } from '../core/quote.ts';
import type { LogPlace } from '../core/store.ts';
import { AnnounceBody, RedactParams, RedactQuery } from '../schemas/admin.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { SendAnswer } from '../schemas/session.ts';
import { adminHook } from './admin-token.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

export async function moderationRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { rooms, config, observer } = services;
  const onRequest = adminHook(services);

  /** Audits what was done, and what may have been done, for all that the store has answered. */
  const audited = async (
    { ip }: FastifyRequest,
    deed: Omit<AdminDeed, 'address'>,
    act: () => Promise<LogPlace>,
  ): Promise<LogPlace> => {
    try {
      const place = await act();
      observer.administered?.({ address: ip, ...deed, eventId: place.id });
      return place;
    } catch (error) {
      if (isUnavailable(error)) observer.administered?.({ address: ip, ...deed, isUncertain: true });
      throw error;
    }
  };

  app.post(
    '/v1/admin/rooms/:room/announcements',
    {
      schema: {
        operationId: 'announce',
        summary: 'Says something to everybody in a room, in nobody’s name',
        params: RoomParams,
        body: AnnounceBody,
        response: { 201: SendAnswer, default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const { room: name } = request.params;
      const room = await rooms.open(name);
      const place = await audited(request, { act: 'announced', room: name }, () =>
        announce(room, request.body.message, config.maxMessageBytes),
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
      const why = reason === undefined ? {} : { reason: quote(reason, maxReasonLength) };
      return audited(request, { act: 'message redacted', room: name, target, ...why }, () =>
        redact(room, target),
      );
    },
  );
}

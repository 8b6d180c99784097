/** How an operator keeps somebody out: a user, a name or an address. Each act leaves a line in the audit log. */

import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { maxReasonLength } from '../core/deed-reasons.ts';
import { ChatError } from '../core/errors.ts';
import type { AdminDeed } from '../core/observer.ts';
import { quote } from '../core/quote.ts';
import { type BanKind, isBanKind, type Ban as KeptBan } from '../core/restriction.ts';
import { Problem } from '../schemas/common.ts';
import { Ban, BanBody, BanParams, BansAnswer, BansQuery } from '../schemas/restrictions.ts';
import { adminHook } from './admin-token.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

const defaultLimit = 200;

export async function banRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { restrictions, observer } = services;
  const onRequest = adminHook(services);

  app.get(
    '/v1/admin/bans',
    {
      schema: {
        operationId: 'listBans',
        summary: 'Who is kept out, the oldest ban first',
        querystring: BansQuery,
        response: { 200: BansAnswer, default: Problem },
      },
      onRequest,
    },
    async (request) => {
      const { offset = 0, limit = defaultLimit } = request.query;
      const all = restrictions.bans();
      return { bans: all.slice(offset, offset + limit), total: all.length };
    },
  );

  app.post(
    '/v1/admin/bans',
    {
      schema: {
        operationId: 'ban',
        summary: 'Keeps somebody out, and shows him out where he is; the same again replaces it',
        body: BanBody,
        response: { 201: Ban, default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const ban = await restrictions.ban({ ...request.body, kind: kindOf(request.body.kind) });
      observer.administered?.({ act: 'banned', address: request.ip, ...deedOf(ban) });
      return reply.code(201).send(ban);
    },
  );

  app.delete(
    '/v1/admin/bans/:id',
    {
      schema: {
        operationId: 'unban',
        summary: 'Lifts a ban',
        params: BanParams,
        response: { 204: Type.Null(), default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const { id } = request.params;
      const ban = restrictions.find(id);
      if (!ban || !(await restrictions.unban(id))) {
        throw new ChatError('not-found', `There is no ban ${quote(id)}.`);
      }
      observer.administered?.({ act: 'ban lifted', address: request.ip, ...deedOf(ban) });
      return reply.code(204).send(null);
    },
  );
}

function kindOf(text: string): BanKind {
  if (isBanKind(text)) return text;
  throw new ChatError('internal', 'A schema lets a kind of ban pass that there is not.');
}

function deedOf({ id, kind, value, room, until, reason }: KeptBan): Partial<AdminDeed> {
  return {
    banId: id,
    kind,
    value: quote(value),
    ...(room === null ? {} : { room }),
    ...(until === null ? {} : { until }),
    ...(reason === null ? {} : { reason: quote(reason, maxReasonLength) }),
  };
}

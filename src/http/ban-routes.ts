/** How an operator keeps somebody out: a user, a name or an address. Each act leaves a line in the audit log. */

import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { ChatError } from '../core/errors.ts';
import type { AdminDeed } from '../core/observer.ts';
import { quote } from '../core/quote.ts';
import { type BanKind, isBanKind, type Ban as KeptBan } from '../core/restriction.ts';
import { Problem } from '../schemas/common.ts';
import { defaultPageLimit } from '../schemas/page-limits.ts';
import { Ban, BanBody, BanParams, BansAnswer, BansQuery } from '../schemas/restrictions.ts';
import { adminHook } from './admin-token.ts';
import { auditedReason, auditing } from './audit.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

export async function banRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { restrictions } = services;
  const onRequest = adminHook(services);
  const audited = auditing(services);

  app.get(
    '/v1/admin/bans',
    {
      schema: {
        operationId: 'listBans',
        summary: 'Who is kept out, the oldest ban first',
        api: { tag: 'administration', access: 'operator', answers: { 200: 'A page of them' } },
        querystring: BansQuery,
        response: { 200: BansAnswer, default: Problem },
      },
      onRequest,
    },
    async (request) => {
      const { offset = 0, limit = defaultPageLimit } = request.query;
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
        api: {
          tag: 'administration',
          access: 'operator',
          errors: ['invalid-name', 'invalid-message', 'room-not-found'],
          answers: { 201: 'The ban' },
        },
        body: BanBody,
        response: { 201: Ban, default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const wish = { ...request.body, kind: kindOf(request.body.kind) };
      const { kind, value, room = null, reason } = wish;
      const ban = await audited(
        request,
        { act: 'banned', ...whomOf({ kind, value, room }), ...auditedReason(reason) },
        () => restrictions.ban(wish),
        deedOf,
      );
      return reply.code(201).send(ban);
    },
  );

  app.delete(
    '/v1/admin/bans/:id',
    {
      schema: {
        operationId: 'unban',
        summary: 'Lifts a ban',
        api: { tag: 'administration', access: 'operator', answers: { 204: 'It is lifted' } },
        params: BanParams,
        response: { 204: Type.Null(), default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const { id } = request.params;
      const ban = restrictions.find(id);
      const wasLifted =
        ban !== undefined &&
        (await audited(
          request,
          { act: 'ban lifted', ...deedOf(ban) },
          () => restrictions.unban(id),
          (isDone) => (isDone ? {} : undefined),
        ));
      if (!wasLifted) throw new ChatError('not-found', `There is no ban ${quote(id)}.`);
      return reply.code(204).send(null);
    },
  );
}

function kindOf(text: string): BanKind {
  if (isBanKind(text)) return text;
  throw new ChatError('internal', 'A schema lets a kind of ban pass that there is not.');
}

function deedOf(ban: KeptBan): Partial<AdminDeed> {
  const { id, until, reason } = ban;
  return { banId: id, ...whomOf(ban), ...(until !== null && { until }), ...auditedReason(reason) };
}

function whomOf({ kind, value, room }: Pick<KeptBan, 'kind' | 'value' | 'room'>): Partial<AdminDeed> {
  return { kind, value: quote(value), ...(room !== null && { room }) };
}

/** What it takes to come in, for whoever asks somebody for it: the page, the plain pages, programs. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { wordsOf } from '../core/restriction-words.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { LoginAnswer } from '../schemas/session.ts';
import { addressKey } from './client-address.ts';
import { cameAlong } from './create-session.ts';
import { requireRoom } from './credentials.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

export async function loginRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { readLimit, clock } = services;

  app.get(
    '/v1/rooms/:room/login',
    {
      schema: {
        operationId: 'getLogin',
        summary: 'What it takes to come in',
        api: {
          tag: 'session',
          access: 'anybody',
          errors: ['rate-limited'],
          answers: { 200: 'What it takes' },
        },
        params: RoomParams,
        response: { 200: LoginAnswer, default: Problem },
      },
      onRequest: async (request) => {
        readLimit.take(addressKey(request.ip), clock.monotonic());
        requireRoom(request.params.room, services);
      },
    },
    async (request) => {
      const { room } = request.params;
      const hit = services.restrictions.hitting({ room, address: request.ip });
      return { ...loginOf(request, services), ...(hit ? { refusal: wordsOf(hit) } : {}) };
    },
  );
}

/** @throws ChatError `invalid-request` for a token that was sent twice */
export function loginOf(request: FastifyRequest, { authenticators, config }: Services): LoginAnswer {
  const { loginUrl, maxNameLength } = config;
  return {
    takes: [...authenticators.ways],
    given: authenticators.isGiven(cameAlong(request, config)),
    maxNameLength,
    ...(loginUrl === null ? {} : { signIn: loginUrl }),
  };
}

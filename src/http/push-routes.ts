/** What a push client uses: `subscribe`. */

import type { FastifyInstance } from 'fastify';
import { endingOf } from '../core/endings.ts';
import { ChatError } from '../core/errors.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { SubscribeQuery } from '../schemas/room.ts';
import { sessionHook, sessionOf } from './credentials.ts';
import { lastEventIdOf, positionOrGap } from './positions.ts';
import type { Services } from './services.ts';
import { answerHead, isPassing, openStream, streamErrorHandler, streamed } from './streams.ts';
import type { TypedApp } from './typed-app.ts';

export async function pushRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();

  app.get(
    '/v1/rooms/:room/session/events',
    {
      schema: {
        operationId: 'subscribe',
        summary: 'The stream of events of a member; the first one joins',
        api: {
          tag: 'talk',
          access: 'member',
          errors: ['cross-origin', 'permission-denied'],
          headers: ['lastEventId'],
          answers: { 200: 'The stream' },
        },
        params: RoomParams,
        querystring: SubscribeQuery,
        response: { 200: streamed, default: Problem },
      },
      onRequest: sessionHook(services, { checksOrigin: true }),
      errorHandler: streamErrorHandler(services),
    },
    async (request, reply) => {
      const session = sessionOf(request);
      await session.authorize('subscribe');
      if (request.method === 'HEAD') return answerHead(reply);
      session.requireUpdate();
      const { liveness } = request.query;
      // EventSource sends the header when it reconnects, with the address it was made with.
      const after = positionOrGap(lastEventIdOf(request) ?? request.query.after);
      await session.chatRoom.reach(after);
      const adapter = openStream(
        request,
        reply,
        {
          room: session.chatRoom,
          session,
          isFeed: false,
          after,
          last: 0,
          keepsAlive: liveness !== 'ping' && services.config.liveness === 'stream',
        },
        services,
      );
      if (!adapter) return reply.hijack();
      session.touch();
      // The join comes after `init`, on the stream itself [SES-2].
      await session.join().catch((error) => {
        const isGone = error instanceof ChatError && error.code === 'session-gone';
        if (isPassing(error)) adapter.end(endingOf('unavailable'));
        else if (!isGone) adapter.fail(error);
      });
      return reply;
    },
  );
}

/** What is read of a room from outside: `feed`, `history`, `getRoom`, `listRooms`. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ChatRoom } from '../core/chat-room.ts';
import { ChatError } from '../core/errors.ts';
import type { Operation } from '../core/hooks.ts';
import { wordsOf } from '../core/restriction-words.ts';
import type { Session } from '../core/session.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { EventsAnswer, FeedQuery, HistoryQuery, RoomAnswer, RoomsAnswer } from '../schemas/room.ts';
import { addressKey } from './client-address.ts';
import { knownSessions, requireRoom, requireSession } from './credentials.ts';
import { historyReader } from './history-page.ts';
import { sendJson } from './json.ts';
import { requireRelief } from './overload.ts';
import { lastEventIdOf, positionOrGap } from './positions.ts';
import type { Services } from './services.ts';
import { answerHead, openStream, streamErrorHandler, streamed } from './streams.ts';
import type { TypedApp } from './typed-app.ts';

export async function feedRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { config, rooms, restrictions, readLimit, clock } = services;

  // Everything here is limited per address.
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    readLimit.take(addressKey(request.ip), clock.monotonic());
  };

  app.get(
    '/v1/rooms/:room/feed',
    {
      config: { isPublicFeed: true },
      schema: {
        operationId: 'feed',
        summary: 'The read-only stream of a room: no session, no membership',
        api: {
          tag: 'room',
          access: 'reader',
          errors: ['not-found'],
          headers: ['lastEventId'],
          answers: { 200: 'The stream' },
        },
        params: RoomParams,
        querystring: FeedQuery,
        response: { 200: streamed, default: Problem },
      },
      onRequest,
      errorHandler: streamErrorHandler(services),
    },
    async (request, reply) => {
      if (config.feed === 'off') throw new ChatError('not-found', 'This server has no feeds (FEED=off).');
      const { room, session } = await readableRoom(request, 'feed', services);
      if (request.method === 'HEAD') return answerHead(reply);
      // Who reads as a member is inside.
      if (!session) requireRelief(services.overload);
      const { last } = request.query;
      const after = positionOrGap(lastEventIdOf(request) ?? request.query.after);
      const reached = room.reach(after);
      if (reached) {
        await reached;
        services.restrictions.require({ room: room.name, address: request.ip });
        session?.requireOpen();
      }
      openStream(
        request,
        reply,
        {
          room,
          // Who is shown out of a room stops reading it.
          session,
          isFeed: true,
          after,
          last: last ?? 0,
          keepsAlive: false,
        },
        services,
      );
      return reply.hijack();
    },
  );

  app.get(
    '/v1/rooms/:room/history',
    {
      config: { isPublicFeed: true },
      schema: {
        operationId: 'history',
        summary: 'A page of what was said; the newest without a cursor',
        api: { tag: 'room', access: 'reader', answers: { 200: 'A page' } },
        params: RoomParams,
        querystring: HistoryQuery,
        response: { 200: EventsAnswer, default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const read = historyReader(request.query);
      const { room } = await readableRoom(request, 'history', services);
      return sendJson(reply, await read(room));
    },
  );

  app.get(
    '/v1/rooms/:room',
    {
      config: { isPublicFeed: true },
      schema: {
        operationId: 'getRoom',
        summary: 'How many members a room has',
        api: { tag: 'room', access: 'reader', answers: { 200: 'The room' } },
        params: RoomParams,
        response: { 200: RoomAnswer, default: Problem },
      },
      onRequest,
    },
    async (request) => {
      const { room } = await readableRoom(request, 'getRoom', services);
      return { name: room.name, members: room.log.roster.size };
    },
  );

  app.get(
    '/v1/rooms',
    {
      config: { isPublicFeed: true },
      schema: {
        operationId: 'listRooms',
        summary: 'The rooms that the caller may read',
        api: { tag: 'room', access: 'passerBy', answers: { 200: 'The rooms' } },
        response: { 200: RoomsAnswer, default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const answers: RoomAnswer[] = [];
      const sessions = config.feed === 'public' ? undefined : knownSessions(request, services);
      for (const name of rooms.names()) {
        const hit = restrictions.hitting({ room: name, address: request.ip });
        // Where the feed is for members, strangers are told of no room, and in a closed one there are none but they.
        if (hit?.kind === 'room' && !sessions) {
          answers.push({ name, members: 0, closed: wordsOf(hit) });
          continue;
        }
        if (hit || (sessions && !(await mayList(sessions(name))))) continue;
        const room = await rooms.open(name);
        answers.push({ name, members: room.log.roster.size });
      }
      return sendJson(reply, JSON.stringify({ rooms: answers } satisfies RoomsAnswer));
    },
  );
}

/** The room, if the caller may read it: anybody where the feed is public, else by the session of a member. */
async function readableRoom(
  request: FastifyRequest<{ Params: { room: string } }>,
  operation: Operation,
  services: Services,
): Promise<{ room: ChatRoom; session: Session | undefined }> {
  const name = request.params.room;
  requireRoom(name, services);
  const reader = { room: name, address: request.ip };
  services.restrictions.require(reader);
  if (services.config.feed === 'public') {
    const room = await services.rooms.open(name);
    // Maybe since: from here on whoever streams is told.
    services.restrictions.require(reader);
    return { room, session: undefined };
  }
  const session = await requireSession(request, name, services);
  await session.authorize(operation);
  session.touch();
  return { room: session.chatRoom, session };
}

/** Whether the list of rooms shows a room to the session that its caller has there. */
async function mayList(session: Session | undefined): Promise<boolean> {
  try {
    await session?.authorize('getRoom');
    return session !== undefined;
  } catch (error) {
    if (error instanceof ChatError && error.code === 'permission-denied') return false;
    throw error;
  }
}

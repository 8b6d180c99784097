/** What is read of a room from outside: `feed`, `history`, `getRoom`, `listRooms`. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ChatRoom } from '../core/chat-room.ts';
import { ChatError } from '../core/errors.ts';
import type { Operation } from '../core/hooks.ts';
import { readingJson } from '../delivery/reading-json.ts';
import { Problem, RoomParams } from '../schemas/common.ts';
import { EventsAnswer, FeedQuery, HistoryQuery, RoomAnswer, RoomsAnswer } from '../schemas/room.ts';
import { addressKey } from './client-address.ts';
import { corsHeaders } from './cors.ts';
import { findSession } from './credentials.ts';
import { sendJson } from './json.ts';
import { positionOrGap, requirePosition } from './positions.ts';
import type { Services } from './services.ts';
import { draining } from './session-routes.ts';
import { answerHead, isPassing, openStream, refuseStream } from './streams.ts';
import type { TypedApp } from './typed-app.ts';

const defaultLimit = 200;
const maxAnswerBytes = 1024 * 1024;

export async function feedRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { config, rooms, readLimit, clock } = services;

  // Everything here is limited per address.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers(corsHeaders(request, config));
    readLimit.take(addressKey(request.ip), clock.monotonic());
  };

  app.get(
    '/v1/rooms/:room/feed',
    {
      config: { isPublicFeed: true },
      schema: {
        operationId: 'feed',
        summary: 'The read-only stream of a room: no session, no membership',
        params: RoomParams,
        querystring: FeedQuery,
        produces: ['text/event-stream'],
        response: { default: Problem },
      },
      onRequest,
      errorHandler: (error, request, reply) => {
        if (!isPassing(error) || request.method === 'HEAD') throw error;
        refuseStream(request, reply, error, services);
      },
    },
    async (request, reply) => {
      if (config.feed === 'off') throw new ChatError('not-found', 'This server has no feeds (FEED=off).');
      const room = await readableRoom(request, request.params.room, 'feed', services);
      if (request.method === 'HEAD') return answerHead(request, reply, services);
      if (services.isDraining()) throw draining();
      const { after, last } = request.query;
      openStream(
        request,
        reply,
        {
          room,
          session: undefined,
          after: positionOrGap(request.headers['last-event-id']?.toString() ?? after),
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
        params: RoomParams,
        querystring: HistoryQuery,
        response: { 200: EventsAnswer, default: Problem },
      },
      onRequest,
    },
    async (request, reply) => {
      const { before, after, limit } = request.query;
      if (before !== undefined && after !== undefined) {
        throw new ChatError('invalid-request', 'query: expected either before or after; got both.');
      }
      const start = requirePosition(after);
      const end = requirePosition(before);
      const { log } = await readableRoom(request, request.params.room, 'history', services);
      const page = { events: limit ?? defaultLimit, bytes: maxAnswerBytes };
      return sendJson(
        reply,
        readingJson(start === undefined ? log.before(end, page) : log.since(start, page)),
      );
    },
  );

  app.get(
    '/v1/rooms/:room',
    {
      config: { isPublicFeed: true },
      schema: {
        operationId: 'getRoom',
        summary: 'How many members a room has',
        params: RoomParams,
        response: { 200: RoomAnswer, default: Problem },
      },
      onRequest,
    },
    async (request) => {
      const room = await readableRoom(request, request.params.room, 'getRoom', services);
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
        response: { 200: RoomsAnswer, default: Problem },
      },
      onRequest,
    },
    async (request) => {
      const readable = await Promise.all(
        rooms
          .names()
          .map(async (name) => ((await mayRead(request, name, services)) ? rooms.open(name) : undefined)),
      );
      const found = readable.filter((room) => room !== undefined);
      return { rooms: found.map((room) => ({ name: room.name, members: room.log.roster.size })) };
    },
  );
}

/** The room, if the caller may read it: anybody where the feed is public, else a session of the room. */
async function readableRoom(
  request: FastifyRequest,
  name: string,
  operation: Operation,
  services: Services,
): Promise<ChatRoom> {
  if (!services.rooms.isRoom(name)) return services.rooms.open(name);
  if (services.config.feed !== 'public') {
    const session = await findSession(request, name, services);
    if (!session) throw new ChatError('credentials-required', 'Only members may read this room (FEED).');
    await session.authorize(operation);
    session.touch();
  }
  return services.rooms.open(name);
}

async function mayRead(request: FastifyRequest, name: string, services: Services): Promise<boolean> {
  return services.config.feed === 'public' || (await findSession(request, name, services)) !== null;
}

/** The pages of the rooms: HTML for browsers, and for everybody else a short guide in plain text. */

import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { hasRoom, requireRoom } from '../core/room-names.ts';
import { guideText } from './guide.ts';
import { manifestOf } from './manifest.ts';
import { addressOf } from './own-address.ts';
import { documentOf, noRoomPage } from './plain/layout.ts';

interface PagesOptions {
  readonly config: Config;
  /** The page with `{{room}}` where the room's name belongs. */
  readonly roomPage: string;
  /** Where the stylesheet of pages without scripts is. */
  readonly plainStylesheet: string;
}

export async function pages(
  app: FastifyInstance,
  { config, roomPage, plainStylesheet }: PagesOptions,
): Promise<void> {
  await app.register(compress, { global: false, encodings: ['br', 'gzip', 'deflate'] });
  const noRoom = documentOf(noRoomPage(plainStylesheet, '/'));
  const answer = (request: FastifyRequest, reply: FastifyReply, room: string): FastifyReply => {
    reply.header('cache-control', 'no-cache').header('vary', 'Accept');
    const isHere = hasRoom(config.rooms, room);
    if (!isHere) reply.code(404);
    if (wantsHtml(request)) {
      // Half of it is saved, in the way of all that the page loads after it.
      reply
        .type('text/html; charset=utf-8')
        .compress(isHere ? roomPage.replaceAll('{{room}}', room) : noRoom);
      return reply;
    }
    const text = isHere ? guideText(addressOf(request, config), room, config) : noRoomText;
    return reply.type('text/plain; charset=utf-8').send(text);
  };

  app.get('/', { schema: { operationId: 'frontPage' } }, (request, reply) =>
    answer(request, reply, config.frontRoom),
  );
  app.get<{ Params: { room: string } }>('/:room', { schema: { operationId: 'roomPage' } }, (request, reply) =>
    answer(request, reply, request.params.room),
  );
  app.get<{ Params: { room: string } }>(
    '/manifest/:room',
    { schema: { operationId: 'manifest' } },
    (request, reply) => {
      const { room } = request.params;
      requireRoom(config.rooms, room);
      return reply
        .type('application/manifest+json; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(JSON.stringify(manifestOf(room)));
    },
  );
}

const noRoomText = 'There is no such room here.\n';

function wantsHtml(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') ?? false;
}

/** An operator looks into a room without being in it, whatever FEED says: that leaves a line in the audit log too. */

import type { FastifyInstance } from 'fastify';
import { Problem, RoomParams } from '../schemas/common.ts';
import { EventsAnswer, HistoryQuery } from '../schemas/room.ts';
import { adminHook } from './admin-token.ts';
import { requireRoom } from './credentials.ts';
import { historyReader } from './history-page.ts';
import { sendJson } from './json.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

export async function adminHistory(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { rooms, observer } = services;

  app.get(
    '/v1/admin/rooms/:room/history',
    {
      schema: {
        operationId: 'adminHistory',
        summary: 'A page of what was said, for an operator; the newest without a cursor',
        api: { tag: 'administration', access: 'operator', answers: { 200: 'A page' } },
        params: RoomParams,
        querystring: HistoryQuery,
        response: { 200: EventsAnswer, default: Problem },
      },
      onRequest: adminHook(services),
    },
    async (request, reply) => {
      const { room } = request.params;
      const read = historyReader(request.query);
      requireRoom(room, services);
      const page = await read(await rooms.open(room));
      observer.administered?.({ act: 'room read', address: request.ip, room });
      return sendJson(reply, page);
    },
  );
}

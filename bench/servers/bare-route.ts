/** Baseline: a Fastify route with a schema and nothing behind it, which answers as an empty `getUpdates` does. */

import { Type } from '@sinclair/typebox';
import Fastify from 'fastify';
import { listen } from './listen.ts';

const app = Fastify({ logger: false });
app.get(
  '/v1/rooms/:room/session/updates',
  {
    schema: {
      params: Type.Object({ room: Type.String({ maxLength: 64 }) }),
      querystring: Type.Object({
        after: Type.Optional(Type.String({ maxLength: 64 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        wait: Type.Optional(Type.Number({ minimum: 0, maximum: 25 })),
      }),
      response: {
        200: Type.Object({
          events: Type.Array(Type.Object({ id: Type.Integer(), type: Type.String() })),
          cursor: Type.String(),
          more: Type.Boolean(),
        }),
      },
    },
  },
  async (request) => {
    const { after } = request.query as { after?: string };
    return { events: [], cursor: after ?? '', more: false };
  },
);
await app.ready();
listen(app.server);

/** What whoever runs the server asks: is it alive, does it take work. */

import type { FastifyInstance } from 'fastify';
import type { Services } from './services.ts';

export async function opsRoutes(app: FastifyInstance, services: Services): Promise<void> {
  app.get(
    '/livez',
    { schema: { operationId: 'livez', summary: 'Whether the process is alive' } },
    async () => ({
      status: 'alive',
    }),
  );

  app.get(
    '/readyz',
    { schema: { operationId: 'readyz', summary: 'Whether the server takes new sessions' } },
    async (_request, reply) => {
      const isReady = !services.isDraining();
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'draining' });
    },
  );
}

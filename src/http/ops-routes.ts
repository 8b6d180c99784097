/** What whoever runs the server asks: is it alive, does it take work, and its figures. */

import type { FastifyInstance } from 'fastify';
import { Problem } from '../schemas/common.ts';
import { FiguresAnswer, LiveAnswer, ReadyAnswer } from '../schemas/ops.ts';
import { adminHook } from './admin-token.ts';
import { always } from './server-state.ts';
import type { Services } from './services.ts';

const retryAfterSeconds = 1;
const compressFromBytes = 1024;

export async function opsRoutes(app: FastifyInstance, services: Services): Promise<void> {
  app.get(
    '/livez',
    {
      config: { answeredWhile: always },
      schema: {
        operationId: 'livez',
        summary: 'Whether the process is alive',
        api: { tag: 'operation', access: 'anybody', answers: { 200: 'It is' } },
        response: { 200: LiveAnswer, default: Problem },
      },
    },
    async () => ({
      status: 'alive',
    }),
  );

  app.get(
    '/readyz',
    {
      config: { answeredWhile: always },
      schema: {
        operationId: 'readyz',
        summary: 'Whether the server takes requests and can keep what is said',
        api: {
          tag: 'operation',
          access: 'anybody',
          answers: { 200: 'It does', 503: 'It does not, at the moment' },
        },
        response: { 200: ReadyAnswer, 503: ReadyAnswer, default: Problem },
      },
    },
    async (_request, reply) => {
      const status = services.state();
      if (status !== 'ready') reply.code(503).header('retry-after', retryAfterSeconds);
      const { cause } = services.overload;
      // No reason to be taken for out of order: those inside come through the same balancer.
      return reply.send({ status, store: services.store.status, ...(cause && { overload: cause }) });
    },
  );

  if (services.config.metrics !== 'admin') return;
  app.get(
    '/metrics',
    {
      config: { answeredWhile: always },
      schema: {
        operationId: 'metrics',
        summary: 'The figures of this process, as Prometheus or OpenMetrics have it',
        api: { tag: 'operation', access: 'operator', answers: { 200: 'The figures, a line for each' } },
        response: { 200: FiguresAnswer, default: Problem },
      },
      onRequest: adminHook(services),
    },
    async (request, reply) => {
      const answer = await services.metrics?.answer(request.headers.accept);
      if (!answer) return reply.callNotFound();
      reply.type(answer.type).header('vary', 'accept');
      return answer.text.length > compressFromBytes ? reply.compress(answer.text) : reply.send(answer.text);
    },
  );
}

/** For every address: `OPTIONS`, and 405 with `Allow` for the methods it does not take. */

import type { FastifyInstance, HTTPMethods, RouteOptions } from 'fastify';
import { ChatError } from '../core/errors.ts';
import { answerOptions } from './cors.ts';
import type { Services } from './services.ts';

const known: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Notes the routes of this scope from here on; call what it returns once all are there. */
export function useMethods(app: FastifyInstance, services: Services): () => void {
  const routes = new Map<string, { methods: Set<HTTPMethods>; config: RouteOptions['config'] }>();
  app.addHook('onRoute', (route) => {
    const seen = routes.get(route.path) ?? { methods: new Set<HTTPMethods>(), config: route.config };
    for (const method of [route.method].flat()) seen.methods.add(method);
    routes.set(route.path, seen);
  });
  return () => {
    for (const [url, { methods, config = {} }] of [...routes]) {
      const allow = [...known.filter((method) => methods.has(method)), 'OPTIONS'].join(', ');
      app.route({
        method: 'OPTIONS',
        url,
        config,
        handler: (request, reply) => answerOptions(request, reply, allow, services.config),
      });
      app.route({
        method: known.filter((method) => !methods.has(method)),
        url,
        exposeHeadRoute: false,
        // Refused before a body is read.
        onRequest: async (request, reply) => {
          reply.header('allow', allow);
          throw new ChatError(
            'method-not-allowed',
            `${request.method} is not for this address; expected ${allow}.`,
          );
        },
        handler: () => {},
      });
    }
  };
}

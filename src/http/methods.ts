/** For every address: `OPTIONS`, and 405 with `Allow` for the methods it does not take. */

import type { FastifyInstance, HTTPMethods, RouteOptions } from 'fastify';
import { ChatError } from '../core/errors.ts';
import { answerOptions } from './cors.ts';

const known: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'];

/** Notes the routes of this scope from here on; call what it returns once all are there. */
export function useMethods(app: FastifyInstance): () => void {
  const routes = new Map<string, { methods: Set<HTTPMethods>; config: RouteOptions['config'] }>();
  app.addHook('onRoute', ({ routePath, method, config }) => {
    const seen = routes.get(routePath) ?? { methods: new Set<HTTPMethods>(), config };
    for (const each of [method].flat()) seen.methods.add(each);
    routes.set(routePath, seen);
  });
  return () => {
    for (const [url, { methods, config = {} }] of [...routes]) {
      const allow = [...known.filter((method) => methods.has(method)), 'OPTIONS'].join(', ');
      app.route({
        method: 'OPTIONS',
        url,
        config,
        handler: (_request, reply) => answerOptions(reply, allow),
      });
      app.route({
        method: known.filter((method) => !methods.has(method)),
        url,
        config,
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

/**
 * Which other origins' pages may read answers. Never with credentials: other origins use a bearer token.
 * (@fastify/cors would add headers to every poll.)
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether `FEED_ORIGINS` may read this too. */
    isPublicFeed?: boolean;
  }
}

const allowOrigin = 'access-control-allow-origin';
const usualHeaders = ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID'];
const exposedHeaders = 'Retry-After, RateLimit, RateLimit-Policy';

/** Lets the pages that may read the answers of this scope, errors among them, do so. */
export function useCors(app: FastifyInstance, config: Config): void {
  const preflightHeaders = preflightHeadersOf(config);
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined) {
      const headers = corsHeaders(request, origin, config);
      reply.headers(headers);
      if (isPreflight(request) && allowOrigin in headers) reply.headers(preflightHeaders);
    }
    done();
  });
}

/** Of a page that may call: a login may carry its token in a header of the administrator's choice. */
function preflightHeadersOf({ authTokens }: Config): Record<string, string> {
  const named = authTokens.filter(({ from }) => from === 'header').map(({ name }) => name);
  return {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': [...usualHeaders, ...named].join(', '),
    'access-control-max-age': '600',
  };
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function corsHeaders(request: FastifyRequest, origin: string, config: Config): Record<string, string> {
  const { feedOrigins, allowedOrigins } = config;
  const isFeed = request.routeOptions.config.isPublicFeed === true;
  if (isFeed && feedOrigins === '*') {
    return { [allowOrigin]: '*', 'access-control-expose-headers': exposedHeaders };
  }
  const isAllowed =
    allowedOrigins.includes(origin) || (isFeed && feedOrigins !== '*' && feedOrigins.includes(origin));
  if (!isAllowed) return { vary: 'Origin' };
  return { [allowOrigin]: origin, 'access-control-expose-headers': exposedHeaders, vary: 'Origin' };
}

/** Answers `OPTIONS` with what the address takes; to a preflight the hook above has added what the page may send. */
export function answerOptions(reply: FastifyReply, allow: string): void {
  reply.header('allow', allow).code(204).send();
}

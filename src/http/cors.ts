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
const preflightHeaders = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID',
  'access-control-max-age': '600',
};
const exposedHeaders = 'Retry-After, RateLimit, RateLimit-Policy';

/** Lets the pages that may read the answers of this scope, errors among them, do so. */
export function useCors(app: FastifyInstance, config: Config): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined) reply.headers(corsHeaders(request, origin, config));
    done();
  });
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

/** Answers `OPTIONS`: what the address takes, and a preflight if it is one of a page that may read here. */
export function answerOptions(request: FastifyRequest, reply: FastifyReply, allow: string): void {
  const isPreflight = request.headers['access-control-request-method'] !== undefined;
  if (isPreflight && reply.hasHeader(allowOrigin)) reply.headers(preflightHeaders);
  reply.header('allow', allow).code(204).send();
}

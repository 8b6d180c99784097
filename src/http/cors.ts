/**
 * Which other origins' pages may read answers. Never with credentials: other origins use a bearer token.
 * (@fastify/cors would add headers to every poll and knows nothing of hijacked streams.)
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether `FEED_ORIGINS` may read this too. */
    isPublicFeed?: boolean;
  }
}

const allowedMethods = 'GET, POST, DELETE';
const allowedHeaders = 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID';
const exposedHeaders = 'Retry-After, RateLimit, RateLimit-Policy';
const preflightSeconds = 600;

/** The headers that let the asking page read the answer; none for requests of no page, or of one not allowed. */
export function corsHeaders(request: FastifyRequest, config: Config): Record<string, string> {
  const { origin } = request.headers;
  if (origin === undefined) return {};
  const { feedOrigins, allowedOrigins } = config;
  const isFeed = request.routeOptions.config.isPublicFeed === true;
  if (isFeed && feedOrigins === '*') {
    return { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposedHeaders };
  }
  const isAllowed =
    allowedOrigins.includes(origin) || (isFeed && feedOrigins !== '*' && feedOrigins.includes(origin));
  if (!isAllowed) return { vary: 'Origin' };
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders,
    vary: 'Origin',
  };
}

/** Answers `OPTIONS`: what the address takes, and a preflight if it is one. */
export function answerOptions(
  request: FastifyRequest,
  reply: FastifyReply,
  allow: string,
  config: Config,
): void {
  const cors = corsHeaders(request, config);
  reply.headers({ allow, ...cors });
  if (
    'access-control-allow-origin' in cors &&
    request.headers['access-control-request-method'] !== undefined
  ) {
    reply.headers({
      'access-control-allow-methods': allowedMethods,
      'access-control-allow-headers': allowedHeaders,
      'access-control-max-age': String(preflightSeconds),
    });
  }
  reply.code(204).send();
}

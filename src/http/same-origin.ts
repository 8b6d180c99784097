/**
 * Which page a request comes from. What changes something, and every stream and poll of a member, must come from a
 * page of this host unless it carries a bearer token, which no browser adds by itself.
 */

import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';

/** @throws ChatError `cross-origin` */
export function requireSameOrigin(request: FastifyRequest, config: Config): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site === 'same-origin' || site === 'none') return;
  if (origin !== undefined) {
    if (isOwnOrigin(origin, request, config) || config.allowedOrigins.includes(origin)) return;
    throw new ChatError('cross-origin', `Pages of ${quote(origin)} may not do this; see ALLOWED_ORIGINS.`);
  }
  // Neither header: not a browser.
  if (site === undefined) return;
  throw new ChatError('cross-origin', 'Pages of other origins may not do this.');
}

function isOwnOrigin(origin: string, request: FastifyRequest, config: Config): boolean {
  // `https` also where we see plain HTTP: a proxy that is not in TRUST_PROXY may stand before us. Never the
  // other way round: anybody on the way can write a plain-HTTP page of this host.
  return (
    origin === config.publicUrl ||
    origin === `https://${request.host}` ||
    (request.protocol === 'http' && origin === `http://${request.host}`)
  );
}

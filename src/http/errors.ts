/**
 * Errors over the wire: RFC 9457 problem details. The one place where codes meet HTTP statuses, and where
 * what the framework throws gets a code. What makes answers of them is in `problem-handlers.ts`.
 */

import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { ChatError, codeOf, type ErrorCode, type PlaceLimit, type RateLimit } from '../core/errors.ts';
import { type FieldError, InvalidShape } from './validation.ts';

const statusOf: Readonly<Record<ErrorCode, number>> = {
  'invalid-request': 400,
  'credentials-required': 401,
  'permission-denied': 403,
  'cross-origin': 403,
  'room-not-found': 404,
  'not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'name-in-use': 409,
  'not-joined': 409,
  'session-gone': 410,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'invalid-name': 422,
  'invalid-message': 422,
  'key-reused': 422,
  'rate-limited': 429,
  'headers-too-large': 431,
  internal: 500,
  unavailable: 503,
};

// Where nobody knows better, as when the store is away.
const unavailableRetryMs = 2_000;

export const problemType = 'application/problem+json';
const bodyTooLarge = 'FST_ERR_CTP_BODY_TOO_LARGE';

/** The body of an error answer. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly reason?: string;
  readonly action?: string;
  readonly endingDetail?: string;
  readonly limit?: string;
  readonly errors?: readonly FieldError[];
}

/** Describes an error as problem details. */
export function problemOf(error: ChatError, requestId: string): ProblemBody {
  const status = statusOf[error.code];
  const { reason, action, endingDetail, limit } = error.extras;
  return {
    // The title is the status' phrase, as RFC 9457 has it for this type; `code` tells problems apart.
    type: 'about:blank',
    title: STATUS_CODES[status] ?? error.code,
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(reason === undefined ? {} : { reason }),
    ...(action === undefined ? {} : { action }),
    ...(endingDetail === undefined ? {} : { endingDetail }),
    ...(limit === undefined ? {} : { limit: limit.option }),
    ...(error instanceof InvalidShape ? { errors: error.errors } : {}),
  };
}

/** Answers with an error. */
export function sendProblem(reply: FastifyReply, error: ChatError, requestId: string): void {
  setProblemHead(reply, error);
  reply.header('content-type', problemType).send(JSON.stringify(problemOf(error, requestId)));
}

/** Status and headers of an error, whatever the body is. */
export function setProblemHead(reply: FastifyReply, error: ChatError): void {
  const { limit } = error.extras;
  const seconds = retrySeconds(error);
  reply.code(statusOf[error.code]).header('x-content-type-options', 'nosniff');
  reply.header('cache-control', 'no-store');
  if (error.code === 'credentials-required') reply.header('www-authenticate', 'Bearer');
  if (seconds !== undefined) reply.header('retry-after', seconds);
  if (limit) setLimitHeaders(reply, limit, 0, seconds ?? 1);
}

/** What is left of a limit, as draft-ietf-httpapi-ratelimit-headers has it. */
export function setLimitHeaders(
  reply: FastifyReply,
  limit: RateLimit | PlaceLimit,
  left: number,
  seconds: number,
): void {
  const { option, count } = limit;
  const isRate = 'seconds' in limit;
  const per = isRate ? `w=${limit.seconds}` : 'qu="concurrent-requests"';
  reply.header('ratelimit-policy', `"${option}";q=${count};${per}`);
  reply.header('ratelimit', `"${option}";r=${left}${isRate ? `;t=${seconds}` : ''}`);
}

/** In how many seconds trying again may help; undefined if nobody can say. */
export function retrySeconds(error: ChatError): number | undefined {
  const ms = error.extras.retryAfterMs ?? defaultRetryMs(error.code);
  return ms === undefined ? undefined : Math.max(1, Math.ceil(ms / 1000));
}

function defaultRetryMs(code: ErrorCode): number | undefined {
  return code === 'unavailable' ? unavailableRetryMs : undefined;
}

/** Gives what the framework throws a code. */
export function chatErrorOf(thrown: unknown, bodyLimit: number): ChatError {
  if (thrown instanceof ChatError) return thrown;
  switch (codeOf(thrown)) {
    case bodyTooLarge:
      return new ChatError('payload-too-large', `A body has at most ${bodyLimit} bytes.`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ChatError(
        'unsupported-media-type',
        'A body is application/json or application/x-www-form-urlencoded; a message may be text/plain.',
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ChatError('invalid-request', 'The body is not as long as Content-Length says.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ChatError('not-found', 'There is nothing at this address.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_INVALID_URL':
      return new ChatError('invalid-request', 'The address is not a well-formed URL.');
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return new ChatError('request-timeout', 'The connection was closed before the request was complete.');
    default:
      return clientsFault(thrown) ?? internal(thrown);
  }
}

function internal(thrown: unknown): ChatError {
  return new ChatError('internal', 'Something went wrong on the server. Its log has the requestId.', {
    cause: thrown,
  });
}

/** Whether the framework refused a body because of its length. */
export function isBodyTooLarge(thrown: unknown): boolean {
  return codeOf(thrown) === bodyTooLarge;
}

/** What the framework, its plugins or hooks of a surrounding application blame on the request. */
function clientsFault(thrown: unknown): ChatError | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return undefined;
  const { statusCode } = thrown;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined;
  switch (statusCode) {
    case 401:
      return new ChatError('credentials-required', 'This needs a credential.');
    case 403:
      return new ChatError('permission-denied', 'This is not allowed.');
    case 404:
      return new ChatError('not-found', 'There is nothing at this address.');
    default:
      return new ChatError('invalid-request', 'The request cannot be understood.');
  }
}

/** How errors stand in the document: the codes that one status may have are one answer, with an example of each. */

import { STATUS_CODES } from 'node:http';
import { endingOf, sessionGone } from '../../core/endings.ts';
import { ChatError, type ErrorCode, errorCodes } from '../../core/errors.ts';
import { problemOf, problemType } from '../errors.ts';
import { InvalidShape } from '../validation.ts';
import { referenceTo } from './schema-shelf.ts';
import type { Answer, Header, JsonSchema, Reference } from './types.ts';

/** As they are told; where the detail depends on the case, one of the cases. */
const examples: Readonly<Record<ErrorCode, ChatError>> = {
  'invalid-request': new InvalidShape([{ path: 'body', expected: 'a member "message"', received: 'none' }]),
  ...detailsOf({
    'invalid-name': 'A name has at most 32 characters; got 40.',
    'invalid-message': 'A message is not empty.',
    'key-reused': 'The key "c1" was used before, with another text.',
    'name-in-use': 'The name Ada is already in use.',
    'not-joined': 'You cannot send messages until you joined the chat.',
    'credentials-required': 'This needs a session: its cookie, or its token as a bearer.',
    'permission-denied': 'You are not allowed to send here.',
    'cross-origin': 'Pages of "https://www.example.org" may not do this; see ALLOWED_ORIGINS.',
    'room-not-found': 'There is no room "tea".',
    'not-found': 'There is nothing at "/v2".',
    'method-not-allowed': 'PUT is not for this address; expected GET, HEAD, OPTIONS.',
    'payload-too-large': 'A body has at most 8192 bytes.',
    'unsupported-media-type':
      'A body is application/json or application/x-www-form-urlencoded; a message may be text/plain.',
    'request-timeout': 'The request did not arrive within 10 seconds.',
    'headers-too-large': 'The head of a request has at most 16384 bytes.',
    unavailable: 'The server is starting. Try again in a moment.',
    internal: 'Something went wrong on the server. Its log has the requestId.',
  }),
  'session-gone': sessionGone(endingOf('expired')),
  'rate-limited': new ChatError('rate-limited', 'SEND_LIMIT allows 20 per 10 s. Try again in 1 s.', {
    limit: { option: 'SEND_LIMIT', count: 20, seconds: 10 },
    retryAfterMs: 1_000,
  }),
};

type Plain = Exclude<ErrorCode, 'invalid-request' | 'session-gone' | 'rate-limited'>;

function detailsOf(details: Readonly<Record<Plain, string>>): Readonly<Record<Plain, ChatError>> {
  const errors: Partial<Record<Plain, ChatError>> = {};
  for (const code of Object.keys(details) as Plain[]) errors[code] = new ChatError(code, details[code]);
  return errors as Record<Plain, ChatError>;
}

const bodyOf = (code: ErrorCode) => problemOf(examples[code], 'mdv8k2p1-3f');

export const answerHeaders = {
  'Retry-After': { description: 'In how many seconds to come back', schema: { type: 'integer' } },
  RateLimit: {
    description: 'What is left of the limit: `"SEND_LIMIT";r=17;t=2`',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'The limit itself: `"SEND_LIMIT";q=20;w=10`',
    schema: { type: 'string' },
  },
  'WWW-Authenticate': { description: 'The scheme, `Bearer`', schema: { type: 'string' } },
  'Set-Cookie': {
    description: 'The token of the session; only with `credential: cookie`',
    schema: { type: 'string' },
  },
} as const satisfies Readonly<Record<string, Header>>;

/** What answers of these statuses have, whatever was asked. */
export const headersOf: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
  503: ['Retry-After'],
};

/** Collects what the operations can be refused as. */
export class ProblemAnswers {
  readonly #problem: JsonSchema;
  readonly #codes = new Set<ErrorCode>();
  readonly #responses = new Map<string, Answer>();

  /** @param problem the schema of a problem */
  constructor(problem: JsonSchema) {
    this.#problem = problem;
  }

  get responses(): Readonly<Record<string, Answer>> {
    return Object.fromEntries(this.#responses);
  }

  get examples() {
    return Object.fromEntries(
      [...this.#codes].map((code) => [code, { summary: errorCodes[code], value: bodyOf(code) }]),
    );
  }

  /** The answers for these codes, by status. */
  take(codes: ReadonlySet<ErrorCode>): Readonly<Record<string, Reference>> {
    const byStatus = new Map<number, ErrorCode[]>();
    // In the order of the table, so that the same codes are the same answer.
    for (const code of Object.keys(examples) as ErrorCode[]) {
      if (!codes.has(code)) continue;
      const { status } = bodyOf(code);
      byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
    }
    return Object.fromEntries([...byStatus].map(([status, same]) => [status, this.#answer(status, same)]));
  }

  #answer(status: number, codes: readonly ErrorCode[]): Reference {
    const name = codes.join('.');
    for (const code of codes) this.#codes.add(code);
    if (!this.#responses.has(name)) this.#responses.set(name, this.#describe(status, codes));
    return referenceTo('responses', name);
  }

  #describe(status: number, codes: readonly ErrorCode[]): Answer {
    const headers = headersOf[status] ?? [];
    return {
      description: `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\` (${errorCodes[code]})`).join(', or ')}`,
      ...(headers.length > 0 && { headers: headerReferences(headers) }),
      content: {
        [problemType]: {
          schema: { ...this.#problem, properties: { status: { const: status }, code: { enum: codes } } },
          examples: Object.fromEntries(codes.map((code) => [code, referenceTo('examples', code)])),
        },
      },
    };
  }
}

export function headerReferences(names: readonly string[]): Readonly<Record<string, Reference>> {
  return Object.fromEntries(names.map((name) => [name, referenceTo('headers', name)]));
}

/** What a route says of itself for the API's document, beside what Fastify knows of its shape. */

import type { ErrorCode } from '../../core/errors.ts';
import type { answerHeaders } from './problems.ts';

/** The parts of the API, in the order in which somebody needs them. */
export const tags = {
  session: 'Coming in, staying and leaving',
  talk: 'Saying something, and hearing what is said',
  room: 'What can be read of a room from outside',
  administration: 'For an operator, who has the ADMIN_TOKEN; without one set there is none of it (404)',
  operation: 'For whoever runs the server',
} as const;
export type Tag = keyof typeof tags;

/** Proofs of who asks: any of these, and `{}` for nobody. */
type Security = readonly Readonly<Record<string, readonly string[]>>[];

interface AccessTerms {
  readonly security: Security;
  /** What that can be refused as. */
  readonly errors: readonly ErrorCode[];
}

const cookie = { sessionCookie: [] };
const token = { sessionToken: [] };

/** Who may ask. */
export const access = {
  anybody: { security: [{}], errors: [] },
  /** Somebody who comes in, with what `AUTH` asks for in the body or as a token. */
  newcomer: {
    security: [{}, { loginToken: [] }],
    errors: ['credentials-required', 'permission-denied', 'rate-limited'],
  },
  member: {
    security: [cookie, token],
    errors: ['credentials-required', 'session-gone', 'rate-limited'],
  },
  /** As FEED says: anybody, or members. */
  reader: {
    security: [{}, cookie, token],
    errors: ['credentials-required', 'permission-denied', 'session-gone', 'rate-limited'],
  },
  /** Anybody, who is told more with a session. */
  passerBy: { security: [{}, cookie, token], errors: ['rate-limited'] },
  operator: {
    security: [{ adminToken: [] }],
    errors: ['credentials-required', 'not-found', 'rate-limited'],
  },
} as const satisfies Record<string, AccessTerms>;

/** Headers of requests that mean something here. */
export const requestHeaders = {
  createKey: {
    name: 'Idempotency-Key',
    description:
      'Makes it safe to ask again after a lost answer: until the token was used, the same key and name give the same session with a fresh token',
    schema: { type: 'string', format: 'uuid' },
  },
  sendKey: {
    name: 'Idempotency-Key',
    description: 'As `key` of the body; it wins over that',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
  },
  lastEventId: {
    name: 'Last-Event-ID',
    description: 'As `after`; it wins over that. `EventSource` sends it by itself',
    schema: { type: 'string' },
  },
} as const;

export interface ApiNotes {
  readonly tag: Tag;
  readonly access: keyof typeof access;
  /** What it can be refused as, beside what who asks, its shape and the server as a whole can be refused as. */
  readonly errors?: readonly ErrorCode[];
  readonly headers?: readonly (keyof typeof requestHeaders)[];
  /** What its answers have when all is well, beside what their status brings. */
  readonly answerHeaders?: readonly (keyof typeof answerHeaders)[];
  /** What an answer means, by its status. */
  readonly answers?: Readonly<Record<number, string>>;
}

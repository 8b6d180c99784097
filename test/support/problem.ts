/** Checks answers that refuse: RFC 9457 problem details. */

import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly reason?: string;
  readonly action?: string;
  readonly endingDetail?: string;
  readonly limit?: string;
  readonly errors?: readonly { path: string; expected: string; received: string }[];
}

interface Refusal {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: unknown;
}

/** The problem that an answer tells, which must have this status and code and be of the right shape. */
export function assertProblem({ status, headers, body }: Refusal, expected: number, code: string): Problem {
  assert.ok(isProblem(body), `expected a problem; got ${status} ${JSON.stringify(body)}`);
  assert.deepEqual([status, body.code], [expected, code], body.detail);
  assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(body.status, expected);
  assert.equal(body.title, STATUS_CODES[expected]);
  assert.equal(body.type, 'about:blank');
  assert.match(body.detail, /\S{2}.*\.$/s);
  assert.match(body.requestId, /^\S+$/);
  return body;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

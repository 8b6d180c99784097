/** One session of the doctor's: how it begins and ends. */

import type { Entry } from '../chat/entry.ts';
import { memberOf } from '../chat/json.ts';
import { forgedAddress } from './client-address.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, jsonIn } from './line.ts';
import type { Server } from './server.ts';

/** As whom: `token` judges instead of a password. */
export interface Visitor extends Pick<Entry, 'name' | 'password'> {
  readonly token: string | undefined;
  /** Of the operator, who alone is told addresses. */
  readonly adminToken: string | undefined;
}

export interface Visit {
  readonly server: Server;
  readonly session: string;
  readonly visitor: Visitor;
}

export function create(
  { server: { line }, session, visitor }: Visit,
  credential: string,
  key: string,
): Promise<Answer> {
  const { name, password, token, adminToken } = visitor;
  return line.ask(session, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Idempotency-Key': key,
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(adminToken !== undefined && { 'X-Forwarded-For': forgedAddress }),
    },
    // Nobody in the room sees a push session before its stream.
    body: JSON.stringify({ name, password, delivery: 'push', credential }),
  });
}

export function notLetIn(answer: Answer): Finding {
  const detail = memberOf(jsonIn(answer), 'detail');
  const words = typeof detail === 'string' ? said(detail) : `${answer.status}`;
  return findingsOf('member').problem(
    `The doctor is not let in: ${words}.`,
    'Give --name another name, PARLOR_PASSWORD the password, or --token-file a token.',
  );
}

export function tokenIn(answer: Answer | undefined): string | undefined {
  const token = answer && memberOf(jsonIn(answer), 'token');
  return typeof token === 'string' && /^[\w.~+/=-]{1,4096}$/.test(token) ? token : undefined;
}

export async function leave(
  { server: { line }, session }: Visit,
  token: string | undefined,
): Promise<boolean> {
  if (token === undefined) return false;
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await line.ask(session, { method: 'DELETE', headers }).catch(() => undefined);
  return answer?.status === 204 || answer?.status === 410;
}

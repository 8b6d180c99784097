/** One session of the doctor's: how it begins and ends. */

import { memberOf } from '../chat/json.ts';
import { forgedAddress } from './client-address.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, codeOf, jsonIn } from './line.ts';
import type { Server } from './server.ts';
import { whenUnavailable } from './state-check.ts';
import type { Visitor } from './visitor.ts';

export interface Visit {
  readonly server: Server;
  readonly session: string;
  readonly visitor: Visitor;
}

function create(
  { server: { line }, session, visitor }: Visit,
  credential: string,
  key: string,
  isLast = false,
): Promise<Answer> {
  const { name, password, token, adminToken } = visitor;
  return line.ask(session, {
    method: 'POST',
    isLast,
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

/**
 * Begins a session of which nothing is left if nobody hears of it.
 * @throws what happened on the way
 */
export async function createOrUndo(visit: Visit, credential: string, key: string): Promise<Answer> {
  try {
    return await create(visit, credential, key);
  } catch (error) {
    await undo(visit, key);
    throw error;
  }
}

export function notLetIn(answer: Answer): Finding {
  const detail = memberOf(jsonIn(answer), 'detail');
  const words = typeof detail === 'string' ? said(detail) : `${answer.status}`;
  const isFull = codeOf(answer) === 'unavailable';
  return findingsOf('member').problem(
    `The doctor is not let in: ${words}.`,
    isFull
      ? `The server lets nobody new in: ${whenUnavailable}`
      : 'Give --name another name, PARLOR_PASSWORD the password, or --token-file a token.',
  );
}

export function tokenIn(answer: Answer | undefined): string | undefined {
  const token = answer && memberOf(jsonIn(answer), 'token');
  return typeof token === 'string' && /^[\w.~+/=-]{1,4096}$/.test(token) ? token : undefined;
}

/** Ends a session, also when the time for all else is over. */
export async function leave({ server: { line }, session }: Visit, token: string): Promise<boolean> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await line.ask(session, { method: 'DELETE', headers, isLast: true }).catch(() => undefined);
  return answer?.status === 204 || answer?.status === 410;
}

/** Ends the session that was created under a key, maybe without anybody hearing of it. */
export async function undo(visit: Visit, key: string): Promise<boolean> {
  // The same key gives the same session, and its token this time.
  const token = tokenIn(await create(visit, 'bearer', key, true).catch(() => undefined));
  return token !== undefined && (await leave(visit, token));
}

/** A session for a client of a faulty run. */

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { type Address, addressOf } from './address.ts';
import { call } from './http-call.ts';
import type { Patience } from './patience.ts';

export interface Member {
  readonly name: string;
  /** The address of its room, as it joined. */
  readonly base: string;
  readonly token: string;
  readonly sessionId: string;
  /** Where the log stood before it came. */
  readonly cursor: string;
}

const maxTries = 1_000;

/**
 * Opens a session, asked for again with the same key until it is answered.
 * @throws Error if it is refused for good
 */
export async function join(
  base: Address,
  name: string,
  delivery: 'pull' | 'push',
  patience: Patience,
): Promise<Member> {
  const agent = new http.Agent({ keepAlive: true });
  const request = {
    method: 'POST',
    headers: { 'idempotency-key': randomUUID() },
    body: { name, delivery, credential: 'bearer' },
    agent,
    signal: patience.signal,
  };
  try {
    for (let tries = 0; tries < maxTries && !patience.isOver; tries++) {
      const own = addressOf(base);
      const answer = await call({ ...request, url: `${own}/session` }).catch(() => undefined);
      if (answer?.status === 201) {
        const { token, sessionId, cursor } = answer.body as Member;
        return { name, base: own, token, sessionId, cursor };
      }
      if (answer && answer.status !== 503 && answer.status !== 429) {
        throw new Error(`create for ${name} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      await patience.pause(answer?.retryAfterMs);
    }
    throw new Error(`create for ${name} was never answered`);
  } finally {
    agent.destroy();
  }
}

/** The position within a cursor; clients need not know it, who checks them does. */
export function idOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf('-') + 1));
}

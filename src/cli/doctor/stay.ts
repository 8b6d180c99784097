/** A stay in the room as a member, who says one line, and leaves nothing behind. */

import { randomUUID } from 'node:crypto';
import { beforeSignalsAsync } from '../chat/signals.ts';
import { checkAddress } from './client-address.ts';
import { checkCookie } from './cookie-check.ts';
import { type Finding, findingsOf } from './finding.ts';
import { LiveStream } from './live-stream.ts';
import { checkMessage } from './message-check.ts';
import { checkPoll } from './poll-check.ts';
import type { Server } from './server.ts';
import { beginning, watchQuiet } from './stream-check.ts';
import { create, leave, notLetIn, tokenIn, type Visit, type Visitor } from './visit.ts';

/** @param long how many seconds to watch a quiet stream as well */
export async function stay(server: Server, visitor: Visitor, long: number | undefined): Promise<Finding[]> {
  const visit = { server, session: `/v1/rooms/${server.room}/session`, visitor };
  const cookie = await checkCookie(visit);
  if (cookie.some(({ check }) => check === 'member')) return cookie;
  return [...cookie, ...(await talk(visit, long))];
}

/** In the room for as long as it takes: a stream, a message, and the way out. */
async function talk(visit: Visit, long: number | undefined): Promise<Finding[]> {
  const { server, session } = visit;
  const { line, usualMs } = server;
  const key = randomUUID();
  const created = await create(visit, 'bearer', key);
  const token = tokenIn(created);
  if (token === undefined) return [notLetIn(created)];
  const release = beforeSignalsAsync(async () => {
    await leave(visit, token);
  });
  const headers = { Authorization: `Bearer ${token}` };
  const stream = new LiveStream(line, `${session}/events`, headers);
  const findings: Finding[] = [];
  const { adminToken } = visit.visitor;
  try {
    if (adminToken !== undefined)
      findings.push(...(await checkAddress(line, adminToken, server.room ?? '', created)));
    findings.push(...(await beginning(stream, usualMs)));
    if (stream.end === undefined && stream.status === 200) {
      findings.push(...(await checkMessage(visit, stream, headers)));
      if (long !== undefined) {
        findings.push(...(await watchQuiet(stream, long)), ...(await checkPoll(visit, headers, long)));
      }
    }
  } finally {
    const isLeft = await leave(visit, token);
    if (!isLeft)
      findings.push(
        findingsOf('member').warning(
          'The doctor could not leave: its session ends by itself, after SESSION_TIMEOUT.',
        ),
      );
    stream.close();
    release();
  }
  return findings;
}

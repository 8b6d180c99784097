/** A stay in the room as a member, who says one line, and leaves nothing behind. */

import { randomUUID } from 'node:crypto';
import { beforeSignalsAsync } from '../chat/signals.ts';
import { checkAddress } from './client-address.ts';
import { checkCookie } from './cookie-check.ts';
import { findingsOf } from './finding.ts';
import type { Answer } from './line.ts';
import { LiveStream } from './live-stream.ts';
import { checkMessage } from './message-check.ts';
import { checkPoll } from './poll-check.ts';
import type { Round } from './round.ts';
import type { Server } from './server.ts';
import { beginning, watchQuiet } from './stream-check.ts';
import { createOrUndo, leave, notLetIn, tokenIn, type Visit } from './visit.ts';
import type { Visitor } from './visitor.ts';

/** @param long how many seconds to watch a quiet stream as well */
export async function stay(
  server: Server,
  visitor: Visitor,
  long: number | undefined,
  round: Round,
): Promise<void> {
  const visit = { server, session: `/v1/rooms/${server.room}/session`, visitor };
  const cookie = await round.look('cookie', () => checkCookie(visit));
  if (cookie.every(({ check }) => check !== 'member')) await talk(visit, long, round);
}

/** In the room for as long as it takes: a stream, a message, and the way out. */
async function talk(visit: Visit, long: number | undefined, round: Round): Promise<void> {
  const { server, session } = visit;
  const { line, usualMs, room = '' } = server;
  const { adminToken } = visit.visitor;
  const key = randomUUID();
  let created: Answer | undefined;
  let token: string | undefined;
  await round.look('member', async () => {
    created = await createOrUndo(visit, 'bearer', key);
    token = tokenIn(created);
    return token === undefined ? [notLetIn(created)] : [];
  });
  if (created === undefined || token === undefined) return;
  const [answer, own] = [created, token];
  const release = beforeSignalsAsync(async () => {
    await leave(visit, own);
  });
  const headers = { Authorization: `Bearer ${own}` };
  const stream = new LiveStream(line, `${session}/events`, headers);
  const goesOn = () => stream.end === undefined && stream.status === 200;
  try {
    if (adminToken !== undefined)
      await round.look('client address', () => checkAddress(line, adminToken, room, answer));
    await round.look('buffering', () => beginning(stream, usualMs));
    if (goesOn()) await round.look('message', () => checkMessage(visit, stream, headers));
    if (long !== undefined && goesOn()) {
      await round.look('quiet stream', () => watchQuiet(stream, long));
      await round.look('waiting poll', () => checkPoll(visit, headers, long));
    }
  } finally {
    if (!(await leave(visit, own))) {
      round.tell(
        findingsOf('member').warning(
          'The doctor could not leave: its session ends by itself, after SESSION_TIMEOUT.',
        ),
      );
    }
    stream.close();
    release();
  }
}

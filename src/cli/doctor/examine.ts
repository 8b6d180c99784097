/** All checks, one after the other. */

import { checkAnswers } from './answers-check.ts';
import { checkClock } from './clock-check.ts';
import { checkCors } from './cors-check.ts';
import { type Finding, findingsOf } from './finding.ts';
import { LiveStream } from './live-stream.ts';
import { checkOwnAddress } from './own-address-check.ts';
import { checkPage } from './page-check.ts';
import { checkPlainHttp } from './plain-http-check.ts';
import { maxPollMs } from './poll-check.ts';
import { checkRoom } from './room-check.ts';
import { Round } from './round.ts';
import { findServer, type Server } from './server.ts';
import { checkReady } from './state-check.ts';
import { stay } from './stay.ts';
import { beginning, isClosedToUs, watchQuiet } from './stream-check.ts';
import { checkTls } from './tls-check.ts';
import { type Entering, howToGoIn, visitorFor } from './visitor.ts';

/** What to look at beside what anybody may read. */
export interface Wish extends Entering {
  /** Seconds for which a quiet stream is watched. */
  readonly long?: number | undefined;
  /** Of pages that are to call the server. */
  readonly origin?: string | undefined;
}

/** However slowly each answer comes. */
const usualTimeMs = 120_000;

/**
 * @param address as it was typed
 * @param tell takes each finding as soon as it is known
 * @param timeMs after that it ends, and says what it has not looked at; what is watched for `long` is not in it
 * @throws UsageError if it is no address
 */
export async function examine(
  address: string,
  wish: Wish,
  tell: (finding: Finding) => void,
  timeMs = usualTimeMs,
): Promise<void> {
  const { long } = wish;
  const round = new Round(timeMs + (long === undefined ? 0 : long * 1000 + maxPollMs), tell);
  try {
    const found = await findServer(address, tell, round.deadline.signal);
    if (found !== undefined) await examineServer(found, wish, round);
  } finally {
    round.end();
  }
}

async function examineServer(found: Server, wish: Wish, round: Round): Promise<void> {
  await round.look('certificate', () => checkTls(found.line));
  await round.look('plain HTTP', () => checkPlainHttp(found));
  await round.look('state', () => checkReady(found));
  const room = await round.look('room', () => checkRoom(found));
  const isThere = room.every(({ level }) => level !== 'problem');
  const server = { ...found, room: isThere ? found.room : undefined };
  await round.look('page', () => checkPage(server));
  await round.look('answers', () => checkAnswers(server));
  await round.look('own address', () => checkOwnAddress(server));
  await round.look('clock', () => checkClock(server));
  const { origin } = wish;
  if (origin !== undefined) await round.look('CORS', () => checkCors(server, origin));
  if (server.room !== undefined) await examineStreams(server, wish, round);
}

/** By the member's stream where somebody is to go in, else by the feed. */
async function examineStreams(server: Server, wish: Wish, round: Round): Promise<void> {
  let entering: Awaited<ReturnType<typeof visitorFor>> | undefined;
  await round.look('member', async () => {
    entering = await visitorFor(server, wish, round.deadline);
    return [];
  });
  if (entering === undefined) return;
  if ('visitor' in entering) return stay(server, entering.visitor, wish.long, round);
  const { finding } = entering;
  await examineFeed(server, wish.long, round);
  await round.look('member', () => [finding]);
}

async function examineFeed(
  { line, room, usualMs }: Server,
  long: number | undefined,
  round: Round,
): Promise<void> {
  const stream = new LiveStream(line, `/v1/rooms/${room}/feed`);
  try {
    await round.look('buffering', async () => {
      const findings = await beginning(stream, usualMs);
      if (!isClosedToUs(stream)) return findings;
      return [
        findingsOf('buffering').untried(
          'The feed is not for everybody, so that streams were not looked at.',
          howToGoIn,
        ),
      ];
    });
    if (long !== undefined && stream.init) await round.look('quiet stream', () => watchQuiet(stream, long));
  } finally {
    stream.close();
  }
}

/** All checks, one after the other. */

import { entryFor } from '../chat/entry.ts';
import { memberOf } from '../chat/json.ts';
import { troubleOf } from '../chat/trouble.ts';
import { UsageError } from '../failure.ts';
import { checkAnswers } from './answers-check.ts';
import { checkClock } from './clock-check.ts';
import { checkCors } from './cors-check.ts';
import { type Finding, findingsOf } from './finding.ts';
import { jsonIn } from './line.ts';
import { LiveStream } from './live-stream.ts';
import { checkOwnAddress } from './own-address-check.ts';
import { checkPage } from './page-check.ts';
import { checkPlainHttp } from './plain-http-check.ts';
import { checkRoom } from './room-check.ts';
import { findServer, type Server } from './server.ts';
import { checkReady } from './state-check.ts';
import { stay } from './stay.ts';
import { beginning, checkFeed, watchQuiet } from './stream-check.ts';
import { checkTls } from './tls-check.ts';
import type { Visitor } from './visit.ts';

/** What to look at beside what anybody may read. */
export interface Wish {
  /** With a name or a token the doctor goes in. */
  readonly name?: string | undefined;
  readonly token?: string | undefined;
  readonly adminToken?: string | undefined;
  /** Seconds for which a quiet stream is watched. */
  readonly long?: number | undefined;
  /** Of pages that are to call the server. */
  readonly origin?: string | undefined;
}

/**
 * @param address as it was typed
 * @param tell takes each finding as soon as it is known
 * @throws UsageError if it is no address
 */
export async function examine(address: string, wish: Wish, tell: (finding: Finding) => void): Promise<void> {
  const found = await findServer(address, tell);
  if (found === undefined) return;
  const look = async (check: string, looking: Promise<readonly Finding[]>) => {
    const findings = await told(check, looking);
    for (const finding of findings) tell(finding);
    return findings;
  };
  await look('certificate', checkTls(found.line));
  await look('plain HTTP', checkPlainHttp(found));
  await look('state', checkReady(found));
  const isThere = (await look('room', checkRoom(found))).every(({ level }) => level !== 'problem');
  const server = { ...found, room: isThere ? found.room : undefined };
  await look('page', checkPage(server));
  await look('answers', checkAnswers(server));
  await look('own address', checkOwnAddress(server));
  await look('clock', checkClock(server));
  if (wish.origin !== undefined) await look('CORS', checkCors(server, wish.origin));
  await look('stream', checkStreams(server, wish));
}

/** An answer that does not come is a finding too. */
async function told(check: string, looking: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await looking;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return [findingsOf(check).problem(`It could not be looked at: ${troubleOf(error)}.`)];
  }
}

/** By the member's stream where somebody is to go in, else by the feed. */
async function checkStreams(server: Server, { name, token, adminToken, long }: Wish): Promise<Finding[]> {
  const { untried } = findingsOf('member');
  const wantsIn = name !== undefined || token !== undefined;
  const { room, line, isElsewhere } = server;
  if (room === undefined) return [];
  if (wantsIn && line.isTrusted && !isElsewhere)
    return stay(server, { ...(await visitorFor(server, name, token)), adminToken }, long);
  const findings = await checkFeed(server);
  if (findings === undefined) {
    return [
      untried(
        'The feed is not for everybody, so that streams were not looked at.',
        'Give --name NAME or --token-file PATH: the doctor then goes in, says one line and leaves.',
      ),
    ];
  }
  if (long !== undefined) findings.push(...(await watchFeed(server, long)));
  const why = wantsIn
    ? untried(
        isElsewhere
          ? 'Nobody goes in where a redirect leads to another host: it would get the password or the token.'
          : 'Nobody goes in where the certificate is not trusted.',
        ...(isElsewhere ? ['Give the doctor the address that it leads to, if that is yours.'] : []),
      )
    : untried(
        'Cookies and messages were not tried.',
        'Give --name NAME or --token-file PATH: the doctor then goes in, says one line and leaves.',
      );
  return [...findings, why];
}

async function watchFeed({ line, room, usualMs }: Server, long: number): Promise<Finding[]> {
  const stream = new LiveStream(line, `/v1/rooms/${room}/feed`);
  try {
    await beginning(stream, usualMs);
    return await watchQuiet(stream, long);
  } finally {
    stream.close();
  }
}

async function visitorFor(
  { line, room }: Server,
  name: string | undefined,
  token: string | undefined,
): Promise<Omit<Visitor, 'adminToken'>> {
  if (token !== undefined) return { name, password: undefined, token };
  const login = jsonIn(await line.ask(`/v1/rooms/${room}/login`));
  const takes = memberOf(login, 'takes');
  const entry = await entryFor(
    {
      takes: Array.isArray(takes) ? takes.map(String) : ['anything'],
      given: false,
      maxNameLength: 0,
    },
    name,
    false,
    `${line.base}/${room}`,
  );
  return { name: entry.name, password: entry.password ?? (process.env.PARLOR_PASSWORD || undefined), token };
}

/** Which server is meant by an address, below which path, and which room of it. */

import { addressOf } from '../chat/address.ts';
import { memberOf } from '../chat/json.ts';
import { type Finding, findingsOf } from './finding.ts';
import { contact, listing, type Reached } from './first-contact.ts';
import { codeOf, jsonIn, Line } from './line.ts';
import { checkTls } from './tls-check.ts';

/** What is examined. */
export interface Server extends Omit<Reached, 'findings'> {
  /** Undefined: no room was named, and none is known. */
  readonly room: string | undefined;
}

/**
 * @param text as it was typed
 * @param tell takes what was found
 * @param deadline when nothing more is asked
 * @returns undefined if there is no Parlor
 * @throws UsageError if it is no address
 */
export async function findServer(
  text: string,
  tell: (finding: Finding) => void,
  deadline?: AbortSignal,
): Promise<Server | undefined> {
  const { url, room } = addressOf(text);
  const line = new Line(url, { deadline });
  const first = await contact(line);
  // Programs work below a path: what was taken for a room may be one, also where the API itself has another way in.
  const mayBePath = room !== undefined && (first.server ? await lacks(first.server, room) : first.mayBeBelow);
  const second = mayBePath
    ? (await contact(line.elsewhere(`${url}/${encodeURIComponent(room)}`))).server
    : undefined;
  const server = second ?? first.server;
  if (server !== undefined) {
    for (const finding of server.findings) tell(finding);
    const { isElsewhere, usualMs } = server;
    const named = server === second ? undefined : room;
    return { line: server.line, room: named ?? (await firstRoom(server.line)), isElsewhere, usualMs };
  }
  const { origin } = new URL(url);
  const isOutside =
    first.mayBeBelow && url !== origin && (await contact(line.elsewhere(origin))).server !== undefined;
  const findings = isOutside
    ? [
        findingsOf('address').problem(
          `There is a Parlor at ${origin}, and none below ${new URL(url).pathname}.`,
          `Give the address ${origin}/${room ?? ''}, or lead that path to Parlor (docs/proxies.md, Beside another site).`,
        ),
      ]
    : first.findings;
  // One for another name tells better than any answer that somebody else is there.
  const certificate = first.line.isTrusted ? [] : await checkTls(first.line);
  for (const finding of [...findings, ...certificate]) tell(finding);
  return undefined;
}

async function lacks({ line }: Reached, room: string): Promise<boolean> {
  const answer = await line.ask(`${listing}/${encodeURIComponent(room)}`).catch(() => undefined);
  return answer !== undefined && codeOf(answer) === 'room-not-found';
}

/** The front room, as the guide for `curl` names it, or the first that may be read. */
async function firstRoom(line: Line): Promise<string | undefined> {
  const guide = await line.ask('/', { headers: { Accept: 'text/plain' } }).catch(() => undefined);
  const [, room] = /^Parlor, room "([a-z0-9-]+)"/.exec(guide?.text ?? '') ?? [];
  if (room !== undefined) return room;
  const answer = await line.ask('/v1/rooms').catch(() => undefined);
  const rooms = answer && memberOf(jsonIn(answer), 'rooms');
  const first = Array.isArray(rooms) ? memberOf(rooms[0], 'name') : undefined;
  return typeof first === 'string' && /^[a-z0-9-]{1,32}$/.test(first) ? first : undefined;
}

/** The first contact: who is at the address, by which way, and below which path. */

import { addressOf } from '../chat/address.ts';
import { memberOf } from '../chat/json.ts';
import { troubleOf } from '../chat/trouble.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, codeOf, headerOf, jsonIn, Line } from './line.ts';

/** What is examined. */
export interface Server {
  readonly line: Line;
  /** Undefined: no room was named, and none is known. */
  readonly room: string | undefined;
  /** A redirect led to another host, or away from HTTPS: whoever was meant to have secrets, this is somebody else. */
  readonly isElsewhere: boolean;
  /** How long a small answer takes, with its connection. */
  readonly usualMs: number;
}

const maxRedirects = 4;
/** What every Parlor answers, also below a path and beside another site, whose own `/livez` may be. */
export const listing = '/v1/rooms';
/** A certificate that is not believed; what else the server does can still be looked at. */
const certificateTrouble = /CERT|SELF_SIGNED|VERIFY|ISSUER/;
const { ok, warning, problem } = findingsOf('address');

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
  for (const finding of first.findings) tell(finding);
  const { origin } = new URL(url);
  if (first.mayBeBelow && url !== origin && (await contact(line.elsewhere(origin))).server !== undefined) {
    tell(
      problem(
        `There is a Parlor at ${origin}, and none below ${new URL(url).pathname}.`,
        `Give the address ${origin}/${room ?? ''}, or lead that path to Parlor (docs/proxies.md, Beside another site).`,
      ),
    );
  }
  return undefined;
}

/** A server with how it was found. */
interface Reached extends Omit<Server, 'room'> {
  readonly findings: readonly Finding[];
}

interface Contact {
  readonly server?: Reached;
  /** Why there is none. */
  readonly findings: readonly Finding[];
  /** Something else is there: Parlor may be below a path of it. */
  readonly mayBeBelow: boolean;
}

async function lacks({ line }: Reached, room: string): Promise<boolean> {
  const answer = await line.ask(`${listing}/${encodeURIComponent(room)}`).catch(() => undefined);
  return answer !== undefined && codeOf(answer) === 'room-not-found';
}

/** Asks who is at an address, and wherever it leads. */
async function contact(begin: Line): Promise<Contact> {
  const findings: Finding[] = [];
  let line = begin;
  let isElsewhere = false;
  for (let count = 0; count <= maxRedirects; count++) {
    let answer: Answer;
    try {
      answer = await line.ask(listing);
    } catch (error) {
      if (line.isTrusted && certificateTrouble.test(codeIn(error))) {
        line = line.elsewhere(line.base, false);
        continue;
      }
      findings.push(
        problem(
          `${line.origin} cannot be reached: ${troubleOf(error)}.`,
          'Check the address, and whether the server runs there.',
        ),
      );
      return { findings, mayBeBelow: false };
    }
    const target = redirectOf(answer, line.base);
    if (target === undefined) {
      const usualMs = isOfParlor(answer) ? answer.ms : await aliveMs(line);
      if (usualMs === undefined) {
        findings.push(noParlor(line.base, answer));
        return { findings, mayBeBelow: true };
      }
      findings.push(ok(`A Parlor answers at ${line.base} in ${Math.round(usualMs)} ms.`));
      return { server: { line, isElsewhere, usualMs, findings }, findings, mayBeBelow: false };
    }
    const base = target.endsWith(listing) ? target.slice(0, -listing.length) : undefined;
    findings.push(
      (base === undefined ? problem : warning)(
        `${line.base} redirects to ${base ?? target} (${answer.status}).`,
        'Give clients the address that it leads to: what they post, and their tokens, do not survive every redirect.',
      ),
    );
    if (base === undefined) return { findings, mayBeBelow: true };
    isElsewhere ||= !isSameHost(line.base, base);
    line = line.elsewhere(base);
  }
  findings.push(
    problem(
      `${begin.base} redirects again and again.`,
      'Look at the redirects of the proxy: they go in a circle.',
    ),
  );
  return { findings, mayBeBelow: false };
}

/** Its rooms, or why it does not tell them. */
export function isOfParlor(answer: Answer): boolean {
  const code = codeOf(answer);
  const isListing = answer.status === 200 && Array.isArray(memberOf(jsonIn(answer), 'rooms'));
  // A Parlor that is asked below a path which it knows nothing of.
  return isListing || (code !== undefined && code !== 'not-found');
}

/** How long a server takes to say that it is alive, whose API is led to somebody else; undefined if it does not. */
async function aliveMs(line: Line): Promise<number | undefined> {
  const answer = await line.ask('/livez').catch(() => undefined);
  return answer && memberOf(jsonIn(answer), 'status') === 'alive' ? answer.ms : undefined;
}

function redirectOf(answer: Answer, base: string): string | undefined {
  const to = headerOf(answer, 'location');
  if (answer.status < 300 || answer.status > 399 || !URL.canParse(to, base + listing)) return undefined;
  const target = new URL(to, base + listing);
  return /^https?:$/.test(target.protocol) ? target.origin + target.pathname : undefined;
}

/** Whether what was meant for one address may be sent to the other, to which it redirects. */
function isSameHost(from: string, to: string): boolean {
  const [old, fresh] = [new URL(from), new URL(to)];
  const isWeaker = old.protocol === 'https:' && fresh.protocol === 'http:';
  // From plain HTTP to HTTPS of the same host the port changes.
  const isUpgrade = old.protocol === 'http:' && fresh.protocol === 'https:';
  return !isWeaker && old.hostname === fresh.hostname && (isUpgrade || old.port === fresh.port);
}

function noParlor(base: string, answer: Answer): Finding {
  const { status } = answer;
  if (status === 401 && /^basic/i.test(headerOf(answer, 'www-authenticate'))) {
    return problem(
      `What stands before the server asks for a password of its own (401).`,
      'Take that off for the chat: programs and embedded pages cannot give it, and AUTH has passwords.',
    );
  }
  if (status === 502 || status === 503 || status === 504) {
    return problem(
      `Expected a Parlor server at ${base}; got ${status}: a proxy answers, and does not reach the server.`,
      'Check whether the server runs, and whether the proxy has its address and port (docs/proxies.md).',
    );
  }
  const type = headerOf(answer, 'content-type') || 'nothing';
  return problem(
    `Expected a Parlor server at ${base}; got the answer ${status} with ${said(type)}.`,
    'Check the address; behind a proxy /v1/ must lead to Parlor (docs/proxies.md).',
  );
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

function codeIn(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

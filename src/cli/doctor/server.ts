/** The first contact: who is at the address, by which way, and below which path. */

import { addressOf } from '../chat/address.ts';
import { memberOf } from '../chat/json.ts';
import { troubleOf } from '../chat/trouble.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, headerOf, jsonIn, Line } from './line.ts';

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
/** A certificate that is not believed; what else the server does can still be looked at. */
const certificateTrouble = /CERT|SELF_SIGNED|VERIFY|ISSUER/;
const { ok, warning, problem } = findingsOf('address');

/**
 * @param text as it was typed
 * @param tell takes what was found
 * @returns undefined if there is no Parlor
 * @throws UsageError if it is no address
 */
export async function findServer(
  text: string,
  tell: (finding: Finding) => void,
): Promise<Server | undefined> {
  const { url, room } = addressOf(text);
  let line = new Line(url);
  let path = '';
  let isElsewhere = false;
  for (let count = 0; count <= maxRedirects; count++) {
    let answer: Answer;
    try {
      answer = await line.ask(`${path}/livez`);
    } catch (error) {
      if (line.isTrusted && certificateTrouble.test(codeIn(error))) {
        line = new Line(line.base, false);
        continue;
      }
      tell(
        problem(
          `${line.origin} cannot be reached: ${troubleOf(error)}.`,
          'Check the address, and whether the server runs there.',
        ),
      );
      return undefined;
    }
    const target = redirectOf(answer, line.base);
    if (target !== undefined) {
      const base = target.endsWith('/livez') ? target.slice(0, -'/livez'.length) : undefined;
      tell(
        (base === undefined ? problem : warning)(
          `${line.base} redirects to ${target} (${answer.status}).`,
          'Give clients the address that it leads to: what they post, and their tokens, do not survive every redirect.',
        ),
      );
      if (base === undefined) return undefined;
      isElsewhere ||= !isSameHost(line.base, base);
      line = new Line(base, line.isTrusted);
      continue;
    }
    const isAlive = memberOf(jsonIn(answer), 'status') === 'alive';
    if (isAlive) {
      const base = line.base + path;
      tell(ok(`A Parlor answers at ${base} in ${Math.round(answer.ms)} ms.`));
      const found = path === '' ? line : new Line(base, line.isTrusted);
      const named = path === '' ? room : undefined;
      return { line: found, room: named ?? (await firstRoom(found)), isElsewhere, usualMs: answer.ms };
    }
    // Programs work below a path: what was taken for a room may be one.
    if (path === '' && room !== undefined && answer.status !== 503) {
      path = `/${encodeURIComponent(room)}`;
      continue;
    }
    tell(noParlor(line.base, answer));
    return undefined;
  }
  tell(
    problem(`${url} redirects again and again.`, 'Look at the redirects of the proxy: they go in a circle.'),
  );
  return undefined;
}

function redirectOf(answer: Answer, base: string): string | undefined {
  const to = headerOf(answer, 'location');
  if (answer.status < 300 || answer.status > 399 || !URL.canParse(to, `${base}/livez`)) return undefined;
  const target = new URL(to, `${base}/livez`);
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
    'Check the address; behind a proxy /livez must lead to Parlor too (docs/proxies.md).',
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

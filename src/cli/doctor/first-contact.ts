/** Who is at an address, and wherever it leads. */

import { memberOf } from '../chat/json.ts';
import { troubleOf } from '../chat/trouble.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, codeOf, headerOf, jsonIn, type Line } from './line.ts';

const maxRedirects = 4;
/** What every Parlor answers, also below a path and beside another site, whose own `/livez` may be. */
export const listing = '/v1/rooms';
/** A certificate that is not believed; what else the server does can still be looked at. */
const certificateTrouble = /CERT|SELF_SIGNED|VERIFY|ISSUER/;
const { ok, warning, problem } = findingsOf('address');

/** A server with how it was found. */
export interface Reached {
  readonly line: Line;
  /** A redirect led to another host, or away from HTTPS: whoever was meant to have secrets, this is somebody else. */
  readonly isElsewhere: boolean;
  /** How long a small answer takes, with its connection. */
  readonly usualMs: number;
  readonly findings: readonly Finding[];
}

export interface Contact {
  readonly server?: Reached;
  /** Why there is none. */
  readonly findings: readonly Finding[];
  /** Something else is there: Parlor may be below a path of it. */
  readonly mayBeBelow: boolean;
  /** As it was asked last: it knows whether the certificate is trusted. */
  readonly line: Line;
}

/** Asks who is there. */
export async function contact(begin: Line): Promise<Contact> {
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
          'Check the address, with its http:// or https://, and whether the server runs there.',
        ),
      );
      return { findings, mayBeBelow: false, line };
    }
    const target = redirectOf(answer, line.base);
    if (target === undefined) {
      const usualMs = isOfParlor(answer) ? answer.ms : await aliveMs(line);
      if (usualMs === undefined) {
        findings.push(noParlor(line.base, answer));
        return { findings, mayBeBelow: true, line };
      }
      findings.push(ok(`A Parlor answers at ${line.base} in ${Math.round(usualMs)} ms.`));
      return { server: { line, isElsewhere, usualMs, findings }, findings, mayBeBelow: false, line };
    }
    const base = target.endsWith(listing) ? target.slice(0, -listing.length) : undefined;
    if (base === undefined) {
      findings.push(
        problem(
          `${line.base} redirects to ${target} (${answer.status}), where no Parlor is asked.`,
          'If a sign-in or another site answers there, have the proxy lead /v1/ to Parlor without it (docs/proxies.md).',
        ),
      );
      return { findings, mayBeBelow: true, line };
    }
    findings.push(
      warning(
        `${line.base} redirects to ${base} (${answer.status}).`,
        'Give clients the address that it leads to: what they post, and their tokens, do not survive every redirect.',
      ),
    );
    isElsewhere ||= !isSameHost(line.base, base);
    line = line.elsewhere(base);
  }
  findings.push(
    problem(
      `${begin.base} redirects again and again.`,
      'Look at the redirects of the proxy: they go in a circle.',
    ),
  );
  return { findings, mayBeBelow: false, line };
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

function codeIn(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What small answers tell: the server's state, what is changed on the way, clocks, caches, addresses. */

import { memberOf } from '../chat/json.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, headerOf, jsonIn, Line } from './line.ts';
import type { Server } from './server.ts';

/** Parlor takes bodies of that size whatever its options. */
const bodyBytes = 15_000;
const clockWarningMs = 5000;
const clockProblemMs = 120_000;
const proxies = 'docs/proxies.md';

export async function checkReady({ line }: Server): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('state');
  const answer = await line.ask('/readyz');
  const body = jsonIn(answer);
  const [status, store, overload] = ['status', 'store', 'overload'].map((name) => memberOf(body, name));
  if (typeof status !== 'string') {
    return [
      warning(
        `/readyz is answered by ${answer.status}, and not by Parlor.`,
        `Let /readyz through if a balancer is to ask it (${proxies}).`,
      ),
    ];
  }
  if (status !== 'ready') {
    return [
      problem(
        `The server is not ready: it says ${said(status)}, and of its store ${said(String(store))}.`,
        'Look at the server’s log: it may be ending, or its store out of reach.',
      ),
    ];
  }
  if (overload !== undefined) {
    return [
      warning(
        `It has more to do than it bears (${said(String(overload))}), and lets nobody new in.`,
        'docs/metrics.md says what to look at.',
      ),
    ];
  }
  return [ok('The server is ready, and so is its store.')];
}

/** What comes back unchanged: refusals, methods, large bodies; and whether each answer is a new one. */
export async function checkAnswers({ line, room = 'lobby' }: Server): Promise<Finding[]> {
  const { ok, problem } = findingsOf('answers');
  const session = `/v1/rooms/${room}/session`;
  const asJson = { 'Content-Type': 'application/json' };
  const first = await line.ask(session);
  const again = await line.ask(session);
  const deleted = await line.ask(session, { method: 'DELETE' });
  const body = JSON.stringify({ doctor: 'x'.repeat(bodyBytes) });
  const large = await line.ask(session, { method: 'POST', headers: asJson, body });
  const findings: Finding[] = [];
  const replaced = [first, deleted].find((answer) => codeOf(answer) === undefined);
  if (replaced !== undefined) {
    const method = replaced === first ? 'GET' : 'DELETE';
    findings.push(
      problem(
        `A refused ${method} should say why in JSON; got ${replaced.status} with ${said(headerOf(replaced, 'content-type') || 'nothing')}.`,
        `Have the proxy let all methods through, and pages of errors of its own alone (${proxies}).`,
      ),
    );
  }
  if (codeOf(large) === undefined) {
    findings.push(
      problem(
        `A request with ${Math.round(bodyBytes / 1000)} kB in it is answered by ${large.status}, and not by Parlor.`,
        `Raise the proxy’s bound: client_max_body_size of nginx, request_body of Caddy (${proxies}).`,
      ),
    );
  }
  if (findings.length === 0)
    findings.push(ok('Refusals, methods and large requests come through unchanged.'));
  return [...findings, cacheFinding(first, again)];
}

function cacheFinding(first: Answer, again: Answer): Finding {
  const { ok, problem, warning } = findingsOf('caching');
  const advice = `Have nothing kept but /assets/ and /static/ (${proxies}, A CDN).`;
  const ids = [first, again].map((answer) => memberOf(jsonIn(answer), 'requestId'));
  const age = headerOf(again, 'age');
  if ((ids[0] !== undefined && ids[0] === ids[1]) || Number(age) > 0) {
    const how = Number(age) > 0 ? `, ${said(age)} s old` : '';
    return problem(
      `The same answer came twice${how}: something on the way keeps answers, and members’ with them.`,
      advice,
    );
  }
  if (codeOf(first) !== undefined && !/no-store/.test(headerOf(first, 'cache-control'))) {
    return warning('Something on the way takes “Cache-Control: no-store” off the answers.', advice);
  }
  return ok('Each answer is a new one.');
}

export async function checkClock({ line }: Server): Promise<Finding[]> {
  const before = Date.now();
  const answer = await line.ask('/livez');
  return [clockFinding(Date.parse(headerOf(answer, 'date')) + 500, (before + Date.now()) / 2, 'Its answers')];
}

/**
 * @param thereMs the server's time
 * @param hereMs that of this machine, at the same moment
 * @param who whose time it is, as a sentence begins
 */
export function clockFinding(thereMs: number, hereMs: number, who: string): Finding {
  const { ok, warning, problem } = findingsOf('clock');
  const aheadMs = thereMs - hereMs;
  if (Number.isNaN(aheadMs)) return warning(`${who} do not say what time it is.`);
  if (Math.abs(aheadMs) <= clockWarningMs) return ok('The clocks there and here agree.');
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return (Math.abs(aheadMs) > clockProblemMs ? problem : warning)(
    `${who} are ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock here.`,
    'Set both by NTP (timedatectl): times are shown wrongly, and signed tokens are refused.',
  );
}

/** Whether the server knows how it is reached, which cookies and pages depend on. */
export async function checkOwnAddress({ line, room = 'lobby' }: Server): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('own address');
  const { origin } = line;
  const guide = await line.ask('/', { headers: { Accept: 'text/plain' } });
  const [, believed] = /^Parlor, room "[^"]+"\. Open (https?:\/\/[^/\s]+)/.exec(guide.text) ?? [];
  const refused = await line.ask(`/v1/rooms/${room}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: origin },
    body: '{"doctor":true}',
  });
  const isForeign = codeOf(refused) === 'cross-origin';
  if (origin.startsWith('https:') && believed?.startsWith('http:')) {
    return [
      problem(
        `The server takes itself to be at ${believed}: its cookies lack Secure and __Host-.`,
        `Have the proxy send “X-Forwarded-Proto: https”, and put it in TRUST_PROXY, or set PUBLIC_URL=${origin} (${proxies}).`,
      ),
    ];
  }
  if (isForeign) {
    return [
      problem(
        `The server takes a page of ${origin} for a stranger’s, so that nobody can join there.`,
        `Have the proxy pass the Host that it is asked for, or set PUBLIC_URL=${origin} (${proxies}).`,
      ),
    ];
  }
  if (believed !== undefined && believed !== origin) {
    return [
      warning(
        `The server takes itself to be at ${believed}, and not at ${origin}.`,
        'Have the proxy pass the Host that it is asked for; or that is its PUBLIC_URL, and this another way to it.',
      ),
    ];
  }
  return [ok(`The server knows that it is at ${origin}.`)];
}

/**
 * @param plain the same host without TLS, where there is a choice
 */
export async function checkPlainHttp({ line }: Server, plain = plainOf(line)): Promise<Finding[]> {
  if (plain === undefined) return [];
  const { ok, warning } = findingsOf('plain HTTP');
  const advice = 'Redirect all of it to https:// with 308.';
  let answer: Answer;
  try {
    answer = await new Line(plain).ask('/livez');
  } catch {
    return [ok(`Nothing answers at ${plain}.`)];
  }
  const location = headerOf(answer, 'location');
  const isRedirect = answer.status >= 300 && answer.status < 400;
  if (isRedirect && location.startsWith('https:')) return [ok(`${plain} redirects to https://.`)];
  if (memberOf(jsonIn(answer), 'status') !== 'alive') {
    return [warning(`${plain} answers ${answer.status}, and does not lead to https://.`, advice)];
  }
  return [
    warning(`${plain} leads to the server too, without TLS: passwords may be read on the way.`, advice),
  ];
}

function plainOf({ base }: Line): string | undefined {
  const { protocol, port, hostname } = new URL(base);
  return protocol === 'https:' && port === '' ? `http://${hostname}` : undefined;
}

/** The code of a refusal of Parlor's; undefined if it is somebody else's. */
export function codeOf(answer: Answer): string | undefined {
  const body = jsonIn(answer);
  const [code, id] = [memberOf(body, 'code'), memberOf(body, 'requestId')];
  return typeof code === 'string' && typeof id === 'string' ? code : undefined;
}

/** What comes back unchanged: refusals, methods, large bodies; and whether each answer is a new one. */

import { memberOf } from '../chat/json.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, codeOf, headerOf, jsonIn } from './line.ts';
import type { Server } from './server.ts';

/** Parlor takes bodies of that size whatever its options. */
const bodyBytes = 15_000;
const proxies = 'docs/proxies.md';

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

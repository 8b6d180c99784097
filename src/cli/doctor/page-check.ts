/** The room, its page, and what pages of other sites may do. */

import { memberOf } from '../chat/json.ts';
import { codeOf } from './answers-check.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, headerOf, jsonIn } from './line.ts';
import type { Server } from './server.ts';

const proxies = 'docs/proxies.md';

export async function checkRoom({ line, room }: Server): Promise<Finding[]> {
  const { ok, problem, warning, untried } = findingsOf('room');
  if (room === undefined)
    return [
      untried(
        'No room was named, and the server lists none.',
        'Give the address of a room, such as URL/lobby.',
      ),
    ];
  const answer = await line.ask(`/v1/rooms/${encodeURIComponent(room)}`);
  const body = jsonIn(answer);
  const members = memberOf(body, 'members');
  if (memberOf(body, 'name') === room) {
    return [
      ok(`The room ${said(room)} is there, with ${Number(members)} member${members === 1 ? '' : 's'}.`),
    ];
  }
  const detail = said(String(memberOf(body, 'detail')));
  switch (codeOf(answer)) {
    case 'credentials-required':
      return [ok(`The room ${said(room)} is there, for members only.`)];
    case 'room-not-found':
    case 'invalid-request':
      return [problem(`There is no room ${said(room)}.`, 'Check the address, or put the room into ROOMS.')];
    case undefined:
      return [
        problem(
          `The API is answered by ${answer.status}, and not by Parlor.`,
          `Lead /v1/ to Parlor (${proxies}).`,
        ),
      ];
    default:
      return [warning(`The room cannot be looked at: ${detail}`)];
  }
}

export async function checkPage({ line, room }: Server): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('page');
  if (room === undefined) return [];
  const page = await line.ask(`/${room}`, { headers: { Accept: 'text/html' } });
  if (page.status !== 200 || !/<html[^>]* data-room=/.test(page.text)) {
    return [
      warning(
        `There is no page at /${room} (${page.status}); programs need none.`,
        `If there is to be one, lead /${room} to Parlor (${proxies}); what is mounted in another application has none.`,
      ),
    ];
  }
  const files = [...page.text.matchAll(/(?:src|href)="(\/assets\/[\w.-]+)"/g)].map(([, path = '']) => path);
  for (const path of files) {
    // From the root of the host, as the browser does.
    const base = new URL(line.base).pathname.replace(/\/$/, '');
    const answer = await line.elsewhere(line.origin).ask(path);
    if (answer.status === 200 && /javascript|css/.test(headerOf(answer, 'content-type'))) continue;
    return [
      problem(
        `The page does not find its files: ${path} is answered by ${answer.status}${base === '' ? '' : `, as it looks for them outside ${base}`}.`,
        base === ''
          ? `Lead /assets/ and /static/ to Parlor too (${proxies}).`
          : `Give Parlor a host name of its own, or only its API a path (${proxies}, Beside another site).`,
      ),
    ];
  }
  const scripts = page.text.match(/<script/g)?.length ?? 0;
  if (scripts > 1 || !/script-src 'self'/.test(headerOf(page, 'content-security-policy'))) {
    return [
      warning(
        scripts > 1
          ? 'Something on the way adds scripts to the page, which its policy forbids.'
          : 'Something on the way takes the page’s policy (Content-Security-Policy) off.',
        `Switch off optimisers, and what rewrites headers (${proxies}, A CDN).`,
      ),
    ];
  }
  return [ok('The page and its files come unchanged.')];
}

/** @param origin whose pages are to call the API and to read the feed */
export async function checkCors({ line, room }: Server, origin: string): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('CORS');
  if (room === undefined) return [];
  const preflight = await line.ask(`/v1/rooms/${room}/session`, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  });
  const read = await line.ask(`/v1/rooms/${room}/history?limit=1`, { headers: { Origin: origin } });
  const [api, feed] = [preflight, read].map((answer) => headerOf(answer, 'access-control-allow-origin'));
  const findings: Finding[] = [];
  const twice = [api, feed].find((allowed) => allowed?.includes(','));
  if (twice !== undefined) {
    findings.push(
      problem(
        `Browsers refuse an answer that allows several origins at once: ${said(twice)}.`,
        'Have the proxy add no headers of CORS: Parlor sends them.',
      ),
    );
  } else if (api === origin && !isSent(preflight, 'access-control-allow-headers', 'authorization')) {
    findings.push(
      problem(
        'Pages may call the API, but send it no token.',
        `Have the proxy let OPTIONS through to Parlor (${proxies}).`,
      ),
    );
  } else if (api === origin && preflight.status >= 300) {
    findings.push(
      problem(
        `The preflight is answered by ${preflight.status}, and so refused.`,
        `Have the proxy let OPTIONS through to Parlor (${proxies}).`,
      ),
    );
  } else if (api === origin) {
    findings.push(ok(`Pages of ${origin} may call the API.`));
  } else {
    const other = api ? `; it allows ${said(api)}` : '';
    findings.push(
      warning(
        `Pages of ${origin} may not call the API${other}.`,
        `Put ${origin} into ALLOWED_ORIGINS if they are to.`,
      ),
    );
  }
  if (twice === undefined) {
    findings.push(
      feed === '*' || feed === origin
        ? ok(`Pages of ${origin} may read the feed, if anybody may.`)
        : warning(
            `Pages of ${origin} may not read the feed.`,
            `Put ${origin} into FEED_ORIGINS if they are to.`,
          ),
    );
  }
  return findings;
}

function isSent(answer: Answer, header: string, name: string): boolean {
  return headerOf(answer, header).toLowerCase().split(/ *, */).includes(name);
}

/** What pages of other sites may do. */

import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, headerOf } from './line.ts';
import type { Server } from './server.ts';

const proxies = 'docs/proxies.md';

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
  return headerOf(answer, header)
    .toLowerCase()
    .split(',')
    .some((one) => one.trim() === name);
}

/** Whether the server knows how it is reached, which cookies and pages depend on. */

import { type Finding, findingsOf } from './finding.ts';
import { codeOf } from './line.ts';
import type { Server } from './server.ts';

const proxies = 'docs/proxies.md';

export async function checkOwnAddress({ line, room: guided = '' }: Server): Promise<Finding[]> {
  const room = guided || 'lobby';
  const { ok, problem, warning } = findingsOf('own address');
  const { origin } = line;
  const guide = await line.ask(`/${guided}`, { headers: { Accept: 'text/plain' } });
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

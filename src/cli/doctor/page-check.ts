/** The page of the room, with what it loads. */

import { type Finding, findingsOf } from './finding.ts';
import { headerOf } from './line.ts';
import type { Server } from './server.ts';

const proxies = 'docs/proxies.md';

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

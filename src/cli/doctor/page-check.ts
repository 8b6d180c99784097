/** The page of the room, with what it loads. */

import { type Finding, findingsOf } from './finding.ts';
import { headerOf } from './line.ts';
import type { Server } from './server.ts';

const proxies = 'docs/proxies.md';
/** Parlor's page has fewer files; of another's, that says it were one, no more are asked for. */
const maxFiles = 20;
const filesTimeoutMs = 15_000;
/** Of its first tag. */
const maxTagChars = 1000;

export async function checkPage({ line, room }: Server): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('page');
  if (room === undefined) return [];
  const page = await line.ask(`/${room}`, { headers: { Accept: 'text/html' } });
  if (page.status !== 200 || !isOfRoom(page.text)) {
    return [
      warning(
        `There is no page at /${room} (${page.status}); programs need none.`,
        `If there is to be one, lead /${room} to Parlor (${proxies}); what is mounted in another application has none.`,
      ),
    ];
  }
  const files = [
    ...new Set([...page.text.matchAll(/(?:src|href)="(\/assets\/[\w.-]+)"/g)].map(([, path = '']) => path)),
  ].slice(0, maxFiles);
  const began = performance.now();
  for (const [count, path] of files.entries()) {
    if (performance.now() - began > filesTimeoutMs) {
      return [
        warning(
          `Its files come slowly: in ${filesTimeoutMs / 1000} s there were ${count} of ${files.length}.`,
          'Look at what lies on the way, and at the load of both ends.',
        ),
      ];
    }
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

/** Whether the first tag says of which room it is. */
function isOfRoom(html: string): boolean {
  const begin = html.indexOf('<html');
  const [tag = ''] = html.slice(begin, begin + maxTagChars).split('>', 1);
  return begin >= 0 && tag.includes(' data-room=');
}

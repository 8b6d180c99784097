/** What stands beside the server without TLS. */

import { type Finding, findingsOf } from './finding.ts';
import { isOfParlor, listing } from './first-contact.ts';
import { type Answer, headerOf, type Line } from './line.ts';
import type { Server } from './server.ts';

/**
 * @param plain the same host without TLS, where there is a choice
 */
export async function checkPlainHttp({ line }: Server, plain = plainOf(line)): Promise<Finding[]> {
  if (plain === undefined) return [];
  const { ok, warning } = findingsOf('plain HTTP');
  const advice = 'Redirect all of it to https:// with 308.';
  let answer: Answer;
  try {
    answer = await line.another(plain).ask(listing);
  } catch {
    return [ok(`Nothing answers at ${plain}.`)];
  }
  const location = headerOf(answer, 'location');
  const isRedirect = answer.status >= 300 && answer.status < 400;
  if (isRedirect && location.startsWith('https:')) return [ok(`${plain} redirects to https://.`)];
  if (!isOfParlor(answer)) {
    return [warning(`${plain} answers ${answer.status}, and does not lead to https://.`, advice)];
  }
  return [
    warning(`${plain} leads to the server too, without TLS: passwords may be read on the way.`, advice),
  ];
}

function plainOf({ base }: Line): string | undefined {
  const { protocol, port, hostname, pathname } = new URL(base);
  return protocol === 'https:' && port === ''
    ? `http://${hostname}${pathname.replace(/\/$/, '')}`
    : undefined;
}

/** What is within this machine: nobody on the way reads along. */

import { isIP } from 'node:net';

/** @param hostname as a URL has it, with brackets around IPv6 */
export function isThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  // A name may begin with 127, and lead anywhere.
  return (isIP(host) === 4 && host.startsWith('127.')) || host === '::1' || /(?:^|\.)localhost$/.test(host);
}

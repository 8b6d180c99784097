/** What time it is there. */

import { type Finding, findingsOf } from './finding.ts';
import { listing } from './first-contact.ts';
import { headerOf } from './line.ts';
import type { Server } from './server.ts';

const clockWarningMs = 5000;
const clockProblemMs = 120_000;

export async function checkClock({ line }: Server): Promise<Finding[]> {
  const before = Date.now();
  const answer = await line.ask(listing);
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

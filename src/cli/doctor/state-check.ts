/** Whether the server takes what is said, by its own word. */

import { memberOf } from '../chat/json.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { jsonIn } from './line.ts';
import type { Server } from './server.ts';

const proxies = 'docs/proxies.md';
/** Of what is refused with `unavailable`: why, and where to look. */
export const whenUnavailable =
  'it is overloaded (docs/configuration.md#overload), or its store is away; its log says which.';

export async function checkReady({ line }: Server): Promise<Finding[]> {
  const { ok, problem, warning, untried } = findingsOf('state');
  const answer = await line.ask('/readyz');
  const body = jsonIn(answer);
  const [status, store, overload] = ['status', 'store', 'overload'].map((name) => memberOf(body, name));
  if (typeof status !== 'string' || typeof store !== 'string') {
    return [
      untried(
        `/readyz is answered by ${answer.status}, and not by Parlor: its state was not asked.`,
        `Ask it on the server’s own machine, or let /readyz through (${proxies}).`,
      ),
    ];
  }
  if (status !== 'ready') {
    return [
      problem(
        `The server is not ready: it says ${said(status)}, and of its store ${said(store)}.`,
        'Look at the server’s log: it may be ending, or its store out of reach.',
      ),
    ];
  }
  if (overload !== undefined) {
    return [
      warning(
        `It has more to do than it bears (${said(overload)}), and lets nobody new in.`,
        'docs/configuration.md#overload says what that means, and docs/metrics.md what to look at.',
      ),
    ];
  }
  return [ok('The server is ready, and so is its store.')];
}

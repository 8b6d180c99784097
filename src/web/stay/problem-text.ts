/** What problems and endings say on the page: in its own words where it has some, else in the server's. */

import type { Problem } from '../../client/problem.ts';
import type { Ending } from '../../client/wire.ts';
import { strings } from '../text/strings.ts';

export function textOf({ code, status, detail, limit, retryAfterMs }: Problem): string {
  switch (code) {
    case 'unreachable':
      return strings.unreachable;
    case 'unknown':
      return strings.serverTrouble(status);
    case 'maybe-sent':
      return strings.maybeSent;
    case 'ended':
      return strings.notSent;
  }
  const text = limit === 'AUTH' ? strings.tooManyLogins : (strings.problems[code] ?? detail);
  return retryAfterMs ? `${text} ${strings.tryAgainIn(Math.ceil(retryAfterMs / 1000))}` : text;
}

/** Why a stay has ended. */
export function stoppedText({ reason, detail }: Ending): string {
  const text = strings.stopped[reason ?? ''];
  if (text === undefined) return detail ?? strings.stoppedOtherwise;
  // What somebody has written may not turn the direction of what stands around it.
  return reason === 'removed' && detail ? strings.stoppedWhy(text, `\u2068${detail}\u2069`) : text;
}

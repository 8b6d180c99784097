/** What a problem says on the page: in its own words where they are the client's, else in the server's. */

import type { Problem } from '../../client/problem.ts';
import { strings } from '../text/strings.ts';

export function textOf({ code, status, detail }: Problem): string {
  switch (code) {
    case 'unreachable':
      return strings.unreachable;
    case 'unknown':
      return strings.serverTrouble(status);
    case 'maybe-sent':
      return strings.maybeSent;
    case 'ended':
      return strings.notSent;
    default:
      return detail;
  }
}

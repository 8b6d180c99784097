/** How a try to hear from the room ended, and what a refusal means. */

import type { Problem } from './api.ts';
import type { Ending } from './wire.ts';

/** How one try ended. */
export type Outcome =
  | { readonly kind: 'gone'; readonly ending: Ending }
  /** Polling went well for long enough to try the stream again. */
  | { readonly kind: 'trial' }
  /**
   * `dry`: how much speaks against this way (0: nothing, it was of use; 1: may be chance; 2: certain). At 2
   * in a row the other way is taken.
   */
  | { readonly kind: 'again'; readonly dry: 0 | 1 | 2; readonly waitMs?: number | undefined };

/** What a refusal means: the session's end, or a passing trouble. */
export function afterProblem(problem: Problem): Outcome {
  const ending = endingOf(problem);
  if (ending !== undefined) return { kind: 'gone', ending };
  return { kind: 'again', dry: 1, waitMs: problem.retryAfterMs };
}

/** The ending a problem tells of, if it is one: 503 and the like pass. */
export function endingOf(problem: Problem): Ending | undefined {
  const { status, code, reason, action, detail } = problem;
  if (status === 410) return { reason, action: action ?? 'create', detail };
  if (status === 401) return { reason: code, action: 'create', detail };
  if (status === 403 || code === 'room-not-found') return { reason: code, action: 'stop', detail };
  return undefined;
}

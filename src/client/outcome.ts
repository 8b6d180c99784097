/** How a try to hear from the room ended, and what a refusal means. */

import { ownProblem, type Problem } from './problem.ts';
import type { Ending } from './wire.ts';

/** Why there is no stream: nothing came over it, it kept breaking, it was refused, or it was none. */
export type NoStream = 'mute' | 'broken' | 'refused' | 'no-stream';

/** How one try ended. */
export interface Outcome {
  /** The session is over, or the stream for good. */
  readonly ending?: Ending | undefined;
  /**
   * How much speaks against this way of hearing (0: nothing, it was of use; 1: may be chance; 2: certain). At 2 in a
   * row the other way is taken.
   */
  readonly doubt: 0 | 1 | 2;
  readonly why?: NoStream | undefined;
  readonly waitMs?: number | undefined;
}

/** What a refusal means: the session's end, or a passing trouble. */
export function afterProblem(problem: Problem, doubt: 1 | 2 = 1): Outcome {
  return { ending: endingOf(problem), doubt, why: 'refused', waitMs: problem.retryAfterMs };
}

/**
 * The ending a problem tells of, if it is one: 503 and the like pass.
 *
 * @param otherwise what to do after a problem that is none, where it ends something all the same
 */
export function endingOf(problem: Problem, otherwise: string): Ending;
export function endingOf(problem: Problem): Ending | undefined;
export function endingOf(problem: Problem, otherwise?: string): Ending | undefined {
  const { status, code, reason, action = 'create', detail, endingDetail } = problem;
  // With a reason, as `bye` has it: only what somebody said.
  if (status === 410) return { reason, action, detail: reason === undefined ? detail : endingDetail };
  if (isGone(problem)) return { reason: code, action, detail };
  const last = status === 403 || code === 'room-not-found' ? 'stop' : otherwise;
  return last ? { reason: code, action: last, detail } : undefined;
}

/** What is told to who asks for something from outside. */
export function outside(ending?: Ending): Problem {
  return ownProblem('ended', ending?.detail ?? 'Not in the room.', ending?.reason);
}

/** Whether there is no session any more, or none that the server knows. */
export function isGone({ status }: Problem): boolean {
  return status === 401 || status === 410;
}

/** Troubles after which the same request may succeed. */
export function isPassing({ status, code }: Problem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500 || code === 'not-joined';
}

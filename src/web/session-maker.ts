/**
 * Creates sessions. Until one works, its key stays: if the answer was lost, or its cookie (another tab's `destroy`
 * of the old one may clear it), asking again gives the same session instead of a taken name [SES-10].
 */

import type { Problem, RoomApi } from './api.ts';
import { randomId } from './random-id.ts';
import { strings } from './strings.ts';
import type { Ending, SessionInfo } from './wire.ts';

/** Sessions created by the page itself, in a row, without one working: then it is not chance. */
const maxFutileSessions = 3;
const nameInUseTries = 5;

export class SessionMaker {
  readonly #api: RoomApi;
  #attempt: { readonly name: string; readonly key: string } | undefined;
  #futileSessions = 0;

  constructor(api: RoomApi) {
    this.#api = api;
  }

  /** Creates a session because the user asks for it. */
  create(name: string): ReturnType<RoomApi['create']> {
    this.#futileSessions = 0;
    return this.#create(name);
  }

  /** The session that was created last has brought something: a new one would be another. */
  worked(): void {
    this.#futileSessions = 0;
    this.#attempt = undefined;
  }

  /**
   * Creates a session in place of one that is gone.
   *
   * @param ending how that one ended
   * @param wait is asked to wait after each failure
   * @returns the session, or what to tell the user when he has to ask himself
   */
  async createAgain(
    name: string,
    ending: Ending,
    wait: (failures: number, problem: Problem) => Promise<void>,
  ): Promise<SessionInfo | { readonly notice: string }> {
    if (this.#futileSessions >= maxFutileSessions) {
      const isCookieLost = ending.reason === 'credentials-required';
      return { notice: isCookieLost ? strings.cookiesNeeded : stoppedText(ending) };
    }
    for (let failures = 0, refusals = 0; ; ) {
      const answer = await this.#create(name);
      if (answer.ok) return answer.body;
      const { problem } = answer;
      // Another tab of this browser may have been quicker; then its cookie is ours.
      const isTaken = problem.code === 'name-in-use';
      if (isTaken) refusals += 1;
      else failures += 1;
      if (refusals >= nameInUseTries || (!isTaken && isLasting(problem))) return { notice: problem.detail };
      await wait(isTaken ? refusals : failures, problem);
    }
  }

  async #create(name: string): ReturnType<RoomApi['create']> {
    if (this.#attempt?.name !== name) this.#attempt = { name, key: randomId() };
    const answer = await this.#api.create(name, this.#attempt.key);
    if (answer.ok) this.#futileSessions += 1;
    return answer;
  }
}

/** Problems that waiting does not cure. */
function isLasting({ status }: Problem): boolean {
  return status >= 400 && status < 500 && status !== 429 && status !== 408;
}

/** Why a stay has ended, for the user. */
export function stoppedText({ reason, detail }: Ending): string {
  return strings.stopped[reason ?? ''] ?? detail ?? strings.stoppedOtherwise;
}

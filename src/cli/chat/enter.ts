/** Goes into a room: under which name, with which password, and what is asked again if the server says no. */

import { ProblemError, type RoomClient } from '../../client/index.ts';
import { Failure } from '../failure.ts';
import { ask, canAsk } from './ask.ts';
import { askName, type Entry, passwordQuestion } from './entry.ts';
import { notLetIn, notReached } from './exit-codes.ts';
import { safeLine } from './safe-text.ts';

const maxAsked = 5;
const betweenTriesMs = 1000;

/**
 * @param entry as whom, and by what, at first
 * @param patienceMs how long to try again if the server cannot be reached
 * @throws Failure if one is not let in
 */
export async function enter(client: RoomClient, entry: Entry, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let { name, password } = entry;
  for (let asked = 0; ; ) {
    const problem = await problemOf(client.join({ name, password }));
    if (problem === undefined) return;
    const { status, code, limit } = problem;
    const detail = safeLine(problem.detail);
    const isPassing = status === 0 || status === 429 || status >= 500;
    if (isPassing && performance.now() + betweenTriesMs < deadline) {
      await new Promise((resolve) => setTimeout(resolve, problem.retryAfterMs ?? betweenTriesMs));
      continue;
    }
    const isOfName = !entry.byToken && (code === 'name-in-use' || code === 'invalid-name');
    const isOfPassword =
      !entry.byToken &&
      (code === 'credentials-required' || (code === 'permission-denied' && password !== undefined));
    if (isOfName && canAsk() && asked++ < maxAsked) name = await askName(`${detail} Another name: `);
    else if (isOfPassword && password === undefined && process.env.PARLOR_PASSWORD)
      password = process.env.PARLOR_PASSWORD;
    else if (isOfPassword && canAsk() && asked++ < maxAsked)
      password = await ask(`${password === undefined ? '' : `${detail} `}${passwordQuestion(name)}`, true);
    else if (isOfPassword && password === undefined)
      throw new Failure(`${detail} PARLOR_PASSWORD has the password where nobody can be asked.`, notLetIn);
    // Too many have failed under the name: the server is well.
    else throw new Failure(detail, isPassing && limit !== 'AUTH' ? notReached : notLetIn);
  }
}

async function problemOf(joining: Promise<void>) {
  try {
    await joining;
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
}

/** Goes into a room: under which name, with which password, and what is asked again if the server says no. */

import { userInfo } from 'node:os';
import { ProblemError, type RoomClient } from '../../client/index.ts';
import { Failure, UsageError } from '../failure.ts';
import { ask, canAsk } from './ask.ts';
import { notLetIn, notReached } from './exit-codes.ts';
import { safeLine } from './safe-text.ts';

const maxAsked = 5;
const betweenTriesMs = 1000;

/**
 * @param wanted what was given as `--name`
 * @param patienceMs how long to try again if the server cannot be reached
 * @throws Failure if one is not let in
 */
export async function enter(
  client: RoomClient,
  wanted: string | undefined,
  patienceMs: number,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let name = wanted ?? (process.env.PARLOR_NAME || loginName()) ?? (await askName('Your name: '));
  let password: string | undefined;
  for (let asked = 0; ; ) {
    const problem = await problemOf(client.join({ name, password }));
    if (problem === undefined) return;
    const { status, code } = problem;
    const detail = safeLine(problem.detail);
    const isPassing = status === 0 || status === 429 || status >= 500;
    if (isPassing && performance.now() + betweenTriesMs < deadline) {
      await new Promise((resolve) => setTimeout(resolve, problem.retryAfterMs ?? betweenTriesMs));
      continue;
    }
    const isOfName = code === 'name-in-use' || code === 'invalid-name';
    const isOfPassword =
      code === 'credentials-required' || (code === 'permission-denied' && password !== undefined);
    if (isOfName && canAsk() && asked++ < maxAsked) name = await askName(`${detail} Another name: `);
    else if (isOfPassword && password === undefined && process.env.PARLOR_PASSWORD)
      password = process.env.PARLOR_PASSWORD;
    else if (isOfPassword && canAsk() && asked++ < maxAsked)
      password = await ask(
        `${password === undefined ? '' : `${detail} `}Password of ${safeLine(name)}: `,
        true,
      );
    else throw new Failure(detail, isPassing ? notReached : notLetIn);
  }
}

async function askName(question: string): Promise<string> {
  if (!canAsk()) throw new UsageError('Expected --name NAME; got none, and there is nobody to ask.');
  return ask(question);
}

/** As one is known on this machine. */
function loginName(): string | undefined {
  const { USER, LOGNAME, USERNAME } = process.env;
  try {
    return USER || LOGNAME || USERNAME || userInfo().username || undefined;
  } catch {
    // Containers run under users without a name.
    return undefined;
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

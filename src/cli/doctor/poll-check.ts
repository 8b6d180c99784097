/** A poll that waits as long as clients let it. */

import { memberOf } from '../chat/json.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { codeOf, headerOf, jsonIn } from './line.ts';
import type { Visit } from './visit.ts';

/** The longest that a poll may wait. */
const maxPollSeconds = 25;
/** Beside that, for an answer that is late. */
const slackMs = 10_000;
/** No poll takes longer. */
export const maxPollMs = maxPollSeconds * 1000 + slackMs;

export async function checkPoll(
  { server, session }: Visit,
  headers: Record<string, string>,
  long: number,
): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('waiting poll');
  const seconds = Math.min(maxPollSeconds, Math.ceil(long));
  const life = new AbortController();
  const timer = setTimeout(
    () => life.abort(new DOMException('late', 'TimeoutError')),
    seconds * 1000 + slackMs,
  );
  const began = performance.now();
  try {
    // Where it stands, so that only news end the waiting.
    const at = await server.line.ask(`${session}/users`, { headers });
    const cursor = String(memberOf(jsonIn(at), 'cursor'));
    const answer = await server.line.ask(
      `${session}/updates?wait=${seconds}&after=${encodeURIComponent(cursor)}`,
      { headers, life },
    );
    const ms = Math.round(performance.now() - began);
    if (answer.status === 200)
      return [ok(`A poll that waits was answered after ${(ms / 1000).toFixed(1)} s.`)];
    const words = codeOf(answer) ?? headerOf(answer, 'content-type');
    return [
      (codeOf(answer) === undefined ? problem : warning)(
        `A poll that was to wait ${seconds} s was answered by ${answer.status} ${said(words)} after ${(ms / 1000).toFixed(1)} s.`,
        'Have the proxy wait 75 s for an answer (docs/proxies.md).',
      ),
    ];
  } catch {
    const ms = Math.round(performance.now() - began);
    return [
      problem(
        `A poll that was to wait ${seconds} s was cut off after ${(ms / 1000).toFixed(1)} s.`,
        'Have the proxy wait 75 s for an answer (docs/proxies.md).',
      ),
    ];
  } finally {
    clearTimeout(timer);
  }
}

/** A message: whether it arrives alone, and not with what comes after it. */

import { memberOf, parsed } from '../chat/json.ts';
import { clockFinding } from './clock-check.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { codeOf, jsonIn } from './line.ts';
import type { LiveStream } from './live-stream.ts';
import { promptMs, unbuffer } from './stream-check.ts';
import type { Visit } from './visit.ts';

const saying = 'parlor doctor tries whether messages arrive.';

export async function checkMessage(
  { server, session }: Visit,
  stream: LiveStream,
  headers: Record<string, string>,
): Promise<Finding[]> {
  const { ok, problem, untried } = findingsOf('message');
  const before = Date.now();
  const began = performance.now();
  const sent = await server.line.ask(`${session}/messages`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ message: saying }),
  });
  const here = (before + Date.now()) / 2;
  const body = jsonIn(sent);
  const [id, timestamp] = [memberOf(body, 'id'), memberOf(body, 'timestamp')];
  if (sent.status !== 201 || typeof id !== 'number') {
    // Before its stream has come it is not in the room.
    if (codeOf(sent) === 'not-joined')
      return [untried('Nothing could be said: the stream has not come that far.')];
    return [problem(`A message is refused: ${sent.status} ${said(memberOf(body, 'detail'))}.`)];
  }
  const clock = clockFinding(
    typeof timestamp === 'number' ? timestamp : Number.NaN,
    here,
    'The times of its events',
  );
  const findings = clock.level === 'ok' ? [] : [clock];
  let looked = 0;
  const hasCome = () => {
    // None twice, however many somebody sends.
    const fresh = stream.events.slice(looked);
    looked = stream.events.length;
    return fresh.some((event) => memberOf(parsed(event.data), 'id') === id);
  };
  if (await stream.until(hasCome, promptMs + server.usualMs)) {
    return [
      ok(`A message was back on the stream in ${Math.round(performance.now() - began)} ms.`),
      ...findings,
    ];
  }
  return [
    problem(
      `A message was taken, and had not come by the stream ${promptMs / 1000} s later: it waits on the way for more.`,
      unbuffer,
    ),
    ...findings,
  ];
}

/** A message: whether it arrives alone, and not with what comes after it. */

import { memberOf, parsed } from '../chat/json.ts';
import { clockFinding } from './clock-check.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, codeOf, jsonIn } from './line.ts';
import type { LiveStream } from './live-stream.ts';
import { promptMs, unbuffer } from './stream-check.ts';
import type { Visit } from './visit.ts';

const saying = 'parlor doctor tries whether messages arrive.';
const againMs = 100;

export async function checkMessage(
  visit: Visit,
  stream: LiveStream,
  headers: Record<string, string>,
): Promise<Finding[]> {
  const { ok, problem } = findingsOf('message');
  const waitMs = promptMs + visit.server.usualMs;
  const { sent, began, here } = await sayOnceJoined(visit, stream, headers, waitMs);
  const body = jsonIn(sent);
  const [id, timestamp] = [memberOf(body, 'id'), memberOf(body, 'timestamp')];
  if (sent.status !== 201 || typeof id !== 'number') {
    if (codeOf(sent) === 'not-joined') {
      return [
        stream.isOver
          ? problem('The stream was cut before the doctor had joined by it.', unbuffer)
          : problem(
              `The stream has begun, and ${Math.round(waitMs / 1000)} s later the doctor had not joined: the server is slow to save.`,
              'Look at the server’s log, and at its disk or its Redis.',
            ),
      ];
    }
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
  if (await stream.until(hasCome, waitMs)) {
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

interface Said {
  readonly sent: Answer;
  /** By the monotonic clock, when it was asked. */
  readonly began: number;
  /** By the clock here, when the server took it. */
  readonly here: number;
}

/** A stream begins before the store has committed that its member joins: until then nothing can be said. */
async function sayOnceJoined(
  visit: Visit,
  stream: LiveStream,
  headers: Record<string, string>,
  waitMs: number,
): Promise<Said> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    const said = await say(visit, headers);
    if (codeOf(said.sent) !== 'not-joined' || said.began >= giveUpAt || stream.isOver) return said;
    await stream.until(() => false, againMs);
  }
}

async function say({ server, session }: Visit, headers: Record<string, string>): Promise<Said> {
  const before = Date.now();
  const began = performance.now();
  const sent = await server.line.ask(`${session}/messages`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ message: saying }),
  });
  return { sent, began, here: (before + Date.now()) / 2 };
}

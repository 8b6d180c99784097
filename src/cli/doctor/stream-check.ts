/** Streams: whether they come as they are sent, and stay open while nobody says anything. */

import { memberOf, parsed } from '../chat/json.ts';
import { troubleOf } from '../chat/trouble.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import type { LiveStream } from './live-stream.ts';
import { whenUnavailable } from './state-check.ts';

/** The first event, and one that something has just caused, must come within this, beside what any answer takes. */
export const promptMs = 2000;
/** So long is waited for one that is late, to tell it from one that does not come. */
const lateMs = 6000;

export const unbuffer =
  'Switch off what gathers answers: nginx holds them by proxy_buffering with X-Accel-Buffering ignored, CDNs and virus scanners by themselves (docs/proxies.md).';

/** Looks at the beginning of a stream, which stays open if all is well. */
export async function beginning(stream: LiveStream, usualMs: number): Promise<Finding[]> {
  const { ok, problem } = findingsOf('buffering');
  await stream.until(() => stream.events.length > 0 || (stream.status !== 0 && !isStream(stream)), lateMs);
  if (stream.status !== 0 && !isStream(stream)) {
    return [
      problem(
        `Expected a stream; got the answer ${stream.status} with ${said(stream.contentType || 'nothing')}.`,
        'Check that the proxy passes streams (text/event-stream) on as they are (docs/proxies.md).',
      ),
    ];
  }
  const [first] = stream.events;
  if (first?.type === 'bye') {
    const reason = memberOf(parsed(first.data), 'reason');
    return [
      findingsOf('stream').problem(
        `The server ends the stream at once: ${said(reason)}.`,
        reason === 'unavailable'
          ? `It lets nobody new in: ${whenUnavailable}`
          : 'Ask again in a moment; else look at the server’s log.',
      ),
    ];
  }
  const packing = compression(stream, first === undefined);
  if (first === undefined) {
    if (stream.isFlood)
      return [
        problem(
          'Very much came by the stream, and no event.',
          'Check whether the address is that of a Parlor.',
        ),
      ];
    if (stream.end !== undefined)
      return [problem(`The stream ended without an event${why(stream)}.`, unbuffer)];
    const came =
      stream.status === 0 ? 'not even the head of the answer' : 'the head of the answer, and then nothing';
    return [
      problem(
        `The first event should come at once; in ${lateMs / 1000} s came ${came}: something on the way holds it back.`,
        unbuffer,
      ),
      ...packing,
    ];
  }
  if (first.ms > usualMs + promptMs) {
    return [
      problem(
        `The first event came after ${seconds(first.ms)} s, other answers in ${seconds(usualMs)} s: it is held back on the way.`,
        unbuffer,
      ),
      ...packing,
    ];
  }
  return [ok(`The first event of a stream came in ${Math.round(first.ms)} ms.`), ...packing];
}

function compression({ encoding }: LiveStream, isHeld: boolean): Finding[] {
  const { ok, problem, warning } = findingsOf('compression');
  const advice = 'Compress no text/event-stream (docs/proxies.md): most compressors hold back what is small.';
  if (encoding === '') return isHeld ? [] : [ok('Streams are not compressed on the way.')];
  if (isHeld)
    return [problem(`The stream is compressed on the way (${said(encoding)}), and held back.`, advice)];
  return [
    warning(
      `The stream is compressed on the way (${said(encoding)}); its first event came nevertheless.`,
      advice,
    ),
  ];
}

/** Whether it is not for whoever asked. */
export function isClosedToUs({ status, contentType }: LiveStream): boolean {
  return [401, 403, 404].includes(status) && /problem\+json/.test(contentType);
}

/**
 * Watches a stream in which nothing happens: heartbeats must come, and nobody may cut it.
 *
 * @param stream has begun
 */
export async function watchQuiet(stream: LiveStream, seconds: number): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('quiet stream');
  const { init } = stream;
  if (init === undefined || stream.isOver) return [];
  const beat = init.heartbeatMs;
  const began = stream.arrivals.at(-1) ?? 0;
  const seen = stream.arrivals.length;
  await stream.until(() => false, seconds * 1000);
  const lasted = ((stream.end?.ms ?? began + seconds * 1000) - began) / 1000;
  const expected = Math.floor((lasted * 1000) / (beat * heartbeatSlack));
  const came = stream.arrivals.length - seen;
  const bye = stream.events.find(({ type }) => type === 'bye');
  if (stream.isFlood)
    return [warning('So much is said by the stream that nobody can tell what quiet would do.')];
  if (bye !== undefined) return [warning(`The server itself ended the stream: ${said(bye.data)}.`)];
  if (stream.end !== undefined) {
    return [
      problem(
        `A quiet stream was cut after ${Math.round(lasted)} s${why(stream)}.`,
        `Have the proxy wait longer than HEARTBEAT (${beat / 1000} s) before it gives up, and set no bound on the whole (docs/proxies.md); or make HEARTBEAT smaller.`,
      ),
    ];
  }
  if (expected === 0)
    return [
      warning(
        `Nothing was to come in ${seconds} s: a heartbeat is sent every ${beat / 1000} s.`,
        `Give --long a number above ${Math.ceil((beat * heartbeatSlack) / 1000)}.`,
      ),
    ];
  if (came < expected) {
    return [
      problem(
        `Of at least ${expected} heartbeats ${came} came in ${seconds} s: they are held back on the way.`,
        unbuffer,
      ),
    ];
  }
  return [ok(`A quiet stream stayed open for ${seconds} s, and its heartbeats came.`)];
}

/** A heartbeat may be late by this, on a slow way. */
const heartbeatSlack = 1.5;

function isStream({ status, contentType }: LiveStream): boolean {
  return status === 200 && /^text\/event-stream\b/.test(contentType);
}

function why({ end }: LiveStream): string {
  return end?.error === undefined ? '' : ` (${troubleOf(end.error)})`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

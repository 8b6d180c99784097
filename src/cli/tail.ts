/** `parlor tail URL`: follows a room's feed, as a reader whom nobody sees. */

import { backoffMs, realSchedule } from '../client/schedule.ts';
import { readStream } from '../client/stream.ts';
import { type AnyEvent, eventOf, knownOf, parseJson } from '../client/wire.ts';
import { codeOf } from '../core/errors.ts';
import type { Arguments } from './arguments.ts';
import { addressOf } from './chat/address.ts';
import { findPlace, type Place } from './chat/contact.ts';
import { EventText } from './chat/event-text.ts';
import { notLetIn, notReached } from './chat/exit-codes.ts';
import { jsonOf, memberOf } from './chat/json.ts';
import { safeJson, safeLine } from './chat/safe-text.ts';
import { styleOf } from './chat/style.ts';
import { Failure } from './failure.ts';
import { wholeNumber } from './whole-number.ts';

const maxLast = 10_000;
const usualLast = 10;
const maxSeconds = 1_000_000;
const headTimeoutMs = 15_000;
/** Until `init` says it. */
const usualHeartbeatMs = 15_000;

export async function tail({ operand, options }: Arguments): Promise<void> {
  const address = addressOf(operand);
  const last = wholeNumber('--last', options.last, maxLast) ?? usualLast;
  const seconds = wholeNumber('--timeout', options.timeout, maxSeconds);
  const patienceMs = seconds === undefined ? undefined : seconds * 1000;
  const place = await findPlace(address, patienceMs ?? 0);
  const isEnough = new AbortController();
  process.stdout.on('error', (error) => {
    // Who has read enough, as `head` has, closes the pipe.
    if (codeOf(error) !== 'EPIPE') throw error;
    isEnough.abort();
  });
  await follow(place, last, printer(options.json !== undefined), isEnough.signal, patienceMs);
}

/** Prints events, or gaps. */
type Print = (news: AnyEvent | { readonly type: 'gap'; readonly lost: number | null }) => void;

function printer(isJson: boolean): Print {
  const { stdout, env } = process;
  const columns = () => (stdout.isTTY && env.TERM !== 'dumb' ? stdout.columns : undefined);
  const text = new EventText({ style: styleOf(stdout, env), columns });
  const linesOf: (...news: Parameters<Print>) => string[] = (news) => {
    if (isJson) return [safeJson(news)];
    if ('lost' in news) return text.gap(news.lost);
    // What a newer server tells beside them, only programs understand.
    return knownOf([news]).flatMap((event) => text.of(event));
  };
  return (news) => {
    for (const line of linesOf(news)) stdout.write(`${line}\n`);
  };
}

async function follow(
  { url, room }: Place,
  last: number,
  print: Print,
  life: AbortSignal,
  patienceMs: number | undefined,
): Promise<void> {
  const feed = `${url}/v1/rooms/${room}/feed`;
  let cursor: string | undefined;
  let heartbeatMs = usualHeartbeatMs;
  let retryMs: number | undefined;
  let lastHeard = Date.now();
  let isLostTold = false;
  for (let failures = 0; !life.aborted; failures++) {
    const own = new AbortController();
    const end = () => own.abort();
    life.addEventListener('abort', end);
    const query = cursor === undefined ? `last=${last}` : `after=${cursor}`;
    const body = await open(`${feed}?${query}`, own);
    if (body !== undefined) {
      await readStream(body, own.signal, realSchedule, heartbeatMs, {
        retry: (ms) => {
          retryMs = ms;
        },
        bytes: () => {
          failures = 0;
          lastHeard = Date.now();
          if (isLostTold) process.stderr.write('parlor: back\n');
          isLostTold = false;
        },
        event: ({ type, data, lastEventId }) => {
          const value = parseJson(data);
          const event = eventOf(value);
          if (event !== undefined) print(event);
          else if (type === 'init') {
            const lost = memberOf(value, 'lost');
            if (lost === null || (typeof lost === 'number' && lost > 0)) print({ type: 'gap', lost });
            heartbeatMs = Number(memberOf(value, 'heartbeat')) * 1000 || usualHeartbeatMs;
          }
          if (lastEventId !== '') cursor = lastEventId;
        },
      });
    }
    own.abort();
    life.removeEventListener('abort', end);
    if (life.aborted) return;
    if (patienceMs !== undefined && Date.now() - lastHeard > patienceMs) {
      throw new Failure(`The feed was out of reach for ${patienceMs / 1000} s (--timeout).`, notReached);
    }
    const ms = backoffMs(realSchedule, failures, retryMs);
    if (failures > 1 && !isLostTold) {
      const seconds = Math.max(1, Math.ceil(ms / 1000));
      process.stderr.write(`parlor: connection lost, trying again in ${seconds} s\n`);
      isLostTold = true;
    }
    await realSchedule.sleep(ms, life);
  }
}

/**
 * The feed's stream; undefined if it cannot be had at the moment.
 * @throws Failure if it is not to be had at all
 */
async function open(url: string, life: AbortController): Promise<ReadableStream<Uint8Array> | undefined> {
  const late = setTimeout(() => life.abort(), headTimeoutMs);
  try {
    const response = await fetch(url, { headers: { Accept: 'text/event-stream' }, signal: life.signal });
    if (response.ok && response.body !== null) return response.body;
    const isPassing = response.status === 408 || response.status === 429 || response.status >= 500;
    if (isPassing || response.ok) return undefined;
    const detail = memberOf(await jsonOf(response), 'detail');
    const why = typeof detail === 'string' ? safeLine(detail) : `The server answers ${response.status}.`;
    throw new Failure(`The feed cannot be read: ${why}`, notLetIn);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return undefined;
  } finally {
    clearTimeout(late);
  }
}

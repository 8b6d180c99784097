/** `parlor admin stats`: the figures of the server, once or again and again. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { StatsAnswer } from '../../schemas/overview.ts';
import type { Arguments } from '../arguments.ts';
import { notReached } from '../chat/exit-codes.ts';
import { safeJson, safeLine } from '../chat/safe-text.ts';
import { styleOf } from '../chat/style.ts';
import { Failure } from '../failure.ts';
import type { AdminApi } from './admin-api.ts';
import { contact } from './contact.ts';
import { count, moment, size, span } from './format.ts';
import { Output } from './output.ts';
import { fieldsFor, watchLine, watchTitles } from './watch-line.ts';

const everyMs = 2000;
/** On a screen the titles come again before they have scrolled away. */
const linesPerTitles = 20;

export async function stats({ options }: Arguments): Promise<void> {
  const output = new Output(options);
  const api = await contact(options);
  const first = await figures(api);
  if (options.watch !== undefined) await watch(api, output, first);
  else if (output.isJson) output.line(safeJson(first));
  else
    for (const [name, text] of described(first, api.url)) output.line(`${name.padEnd(12)}${safeLine(text)}`);
}

function figures(api: AdminApi): Promise<StatsAnswer> {
  return api.ask('GET', '/stats', { has: 'counters' });
}

/** Ends by a signal, or when its reader has enough. */
async function watch(api: AdminApi, output: Output, first: StatsAnswer): Promise<never> {
  const { strong } = styleOf(process.stdout, process.env);
  let before: StatsAnswer | undefined;
  let now: StatsAnswer | undefined = first;
  for (let lines = 0; ; ) {
    if (now !== undefined) {
      const isTitled = lines === 0 || (output.isScreen && lines % linesPerTitles === 0);
      const fields = fieldsFor(output.width);
      if (!output.isJson && isTitled) output.line(strong(watchTitles(fields)));
      output.line(output.isJson ? safeJson(now) : watchLine(fields, now, before));
      lines += 1;
      tellOverload(now, before);
      before = now;
    }
    await sleep(everyMs);
    now = await figuresIfThere(api, now === undefined);
  }
}

/** No column says it: it is told when it begins and when it ends. */
function tellOverload(now: StatsAnswer, before: StatsAnswer | undefined): void {
  if (now.overload?.since === before?.overload?.since) return;
  process.stderr.write(`parlor: overload: ${overloadOf(now) ?? 'over'}\n`);
}

/** Undefined while the server is out of reach, which is told once. */
async function figuresIfThere(api: AdminApi, isGone: boolean): Promise<StatsAnswer | undefined> {
  try {
    const now = await figures(api);
    if (isGone) process.stderr.write('parlor: back\n');
    return now;
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== notReached) throw error;
    if (!isGone) process.stderr.write(`parlor: ${error.message} Trying again.\n`);
    return undefined;
  }
}

function overloadOf({ overload, now }: StatsAnswer): string | undefined {
  if (overload === null) return undefined;
  const why = overload.cause === 'memory' ? 'memory is short' : 'the event loop is late';
  const { since } = overload;
  return `${why}: nobody new has been let in for ${span(now - since)}, since ${moment(since)}`;
}

function described(stats: StatsAnswer, url: string): readonly (readonly [name: string, text: string])[] {
  const { sessions, counters, lag, memory, loopDelayMs, cpu } = stats;
  const { messages, events, deliveries, created, ended, refused, gaps } = counters;
  return [
    ['server', `${url}, Parlor ${stats.version}, ${stats.status}`],
    ['up', `${span(stats.now - stats.startedAt)}, since ${moment(stats.startedAt)}`],
    ['overload', overloadOf(stats) ?? 'none'],
    ['members', `${stats.members} in ${count(stats.rooms, 'room')}`],
    ['sessions', `${sessions.push} push, ${sessions.pull} pull, ${sessions.reserved} reserved`],
    ['waiting', `${count(stats.streams, 'stream')}, ${count(stats.polls, 'poll')}`],
    ['lag', `${size(lag.bytes)}, ${count(lag.events, 'event')}`],
    ['memory', `${size(memory.rss)}, of which the heap has ${size(memory.heapUsed)}`],
    [
      'event loop',
      `${loopDelayMs.mean.toFixed(1)} ms late on average, 99 % within ${loopDelayMs.p99.toFixed(1)} ms`,
    ],
    ['processor', `${((cpu.userMs + cpu.systemMs) / 1000).toFixed(1)} s`],
    ['events', `${events}, of which ${messages} are messages; delivered ${deliveries} times`],
    ['clients', `${created} came, ${ended} went; ${count(refused, 'refusal')}, ${count(gaps, 'gap')}`],
  ];
}

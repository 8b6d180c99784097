/** One line of figures, and what happened since the one before. */

import type { StatsAnswer } from '../../schemas/overview.ts';
import { size } from './format.ts';

interface Field {
  readonly title: string;
  readonly width: number;
  readonly text: (now: StatsAnswer, before: StatsAnswer | undefined) => string;
}

const between = ' ';

const fields: readonly Field[] = [
  { title: 'TIME', width: 8, text: ({ now }) => timeOfDay(now) },
  { title: 'MEMBERS', width: 7, text: ({ members }) => `${members}` },
  { title: 'STREAMS', width: 7, text: ({ streams }) => `${streams}` },
  { title: 'POLLS', width: 6, text: ({ polls }) => `${polls}` },
  { title: 'MSG/S', width: 6, text: rate(({ counters }) => counters.messages) },
  { title: 'SENT/S', width: 7, text: rate(({ counters }) => counters.deliveries) },
  { title: 'LAG', width: 7, text: ({ lag }) => size(lag.bytes) },
  { title: 'RSS', width: 7, text: ({ memory }) => size(memory.rss) },
  { title: 'CPU%', width: 5, text: rate(({ cpu }) => (cpu.userMs + cpu.systemMs) / 10) },
  { title: 'LOOP99', width: 7, text: ({ loopDelayMs }) => `${Math.round(loopDelayMs.p99)} ms` },
];

/** What of it has place, from the left; undefined: all, on 79 columns. */
export function fieldsFor(columns = Number.POSITIVE_INFINITY): readonly Field[] {
  let left = columns + between.length;
  return fields.filter(({ width }) => {
    left -= width + between.length;
    return left >= 0;
  });
}

export function watchTitles(shown: readonly Field[]): string {
  return shown.map(({ title, width }) => title.padStart(width)).join(between);
}

/** @param before the figures of the line before; without them there are no rates */
export function watchLine(shown: readonly Field[], now: StatsAnswer, before?: StatsAnswer): string {
  // A server that was started anew counts anew.
  const same = before?.startedAt === now.startedAt ? before : undefined;
  return shown.map(({ text, width }) => text(now, same).padStart(width)).join(between);
}

/** How much a figure that only rises has risen in a second. */
function rate(of: (stats: StatsAnswer) => number): Field['text'] {
  return (now, before) => {
    const seconds = before === undefined ? 0 : (now.now - before.now) / 1000;
    if (before === undefined || seconds <= 0) return '-';
    const perSecond = (of(now) - of(before)) / seconds;
    return perSecond < 9.95 ? perSecond.toFixed(1) : `${Math.round(perSecond)}`;
  };
}

function timeOfDay(timestamp: number): string {
  const date = new Date(timestamp);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

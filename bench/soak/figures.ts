/** What must not grow, and how much of it is let pass. */

import type { Inventory } from './soaked-server.ts';
import { grows, medianOf, type Point, type Trend, trendOf } from './trend.ts';

export interface Figure {
  readonly key: Exclude<keyof Inventory, 'warnings' | 'kinds'>;
  readonly name: string;
  readonly unit: 'MB' | '';
  /** How much it may gain over what is measured: so much, and a share of what it is. */
  readonly allowance: { readonly fixed: number; readonly share: number };
  /** How much more of it there may be after the load than before. */
  readonly mostKept: number;
}

export interface Finding extends Trend {
  readonly figure: Figure;
  readonly points: readonly Point[];
  /** After the warm-up. */
  readonly measured: readonly Point[];
  readonly median: number;
  readonly allowed: number;
  readonly grows: boolean;
}

/** Runs shorter than this still see the server warm up: what is compiled, and pools that find their size. */
const settledSeconds = 300;
/** For what is shorter nobody waits until the last trace of a session is gone. */
export const shortSeconds = 60;
const megabyte = 1_000_000;

/**
 * Bytes are those left after a collection. The allowances are above what the load does by itself from sample to sample, with who happens
 * to be there, and below what a few bytes per request make of half an hour.
 */
export function figuresOf(seconds: number): readonly Figure[] {
  const isShort = seconds < shortSeconds;
  const isSettled = seconds >= settledSeconds;
  const heap = { fixed: (isSettled ? 1 : 8) * megabyte, share: 0.02 };
  const resident = { fixed: (isSettled ? 8 : 80) * megabyte, share: 0.05 };
  const few = { fixed: 5, share: 0.1 };
  const bytes = { unit: 'MB', mostKept: (isSettled ? 1 : 4) * megabyte } as const;
  return [
    { key: 'heapBytes', name: 'heap', allowance: heap, ...bytes },
    { key: 'externalBytes', name: 'buffers', allowance: heap, ...bytes },
    { key: 'threadBytes', name: "heap of the store's thread", allowance: heap, ...bytes },
    {
      key: 'residentBytes',
      name: 'resident memory',
      allowance: resident,
      unit: 'MB',
      mostKept: 40 * megabyte,
    },
    {
      key: 'objects',
      name: 'objects',
      unit: '',
      allowance: { fixed: 1_000, share: 0.02 },
      mostKept: isShort ? 600 : 60,
    },
    {
      key: 'entries',
      name: 'entries of maps and sets',
      unit: '',
      allowance: { fixed: 200, share: 0.05 },
      mostKept: isShort ? 150 : 20,
    },
    {
      key: 'places',
      name: 'places of arrays',
      unit: '',
      allowance: { fixed: 500, share: 0.02 },
      mostKept: isShort ? 300 : 40,
    },
    { key: 'descriptors', name: 'descriptors', unit: '', allowance: few, mostKept: 4 },
    { key: 'sockets', name: 'sockets', unit: '', allowance: few, mostKept: 4 },
    { key: 'timers', name: 'timers', unit: '', allowance: { fixed: 10, share: 0.1 }, mostKept: 4 },
    { key: 'listeners', name: 'listeners', unit: '', allowance: { fixed: 30, share: 0.1 }, mostKept: 12 },
  ];
}

/** @param warmUpSeconds what lies before is not looked at */
export function findingOf(figure: Figure, points: readonly Point[], warmUpSeconds: number): Finding {
  const measured = points.filter(({ at }) => at >= warmUpSeconds);
  const median = medianOf(measured.map(({ value }) => value));
  const trend = trendOf(measured);
  const allowed = figure.allowance.fixed + figure.allowance.share * median;
  return { figure, points, measured, median, allowed, ...trend, grows: grows(trend, allowed) };
}

/** @example inUnits(12_345_678, figure) // "12.3 MB" */
export function inUnits(value: number, { unit }: Figure): string {
  return unit === 'MB' ? `${(value / megabyte).toFixed(2)} MB` : `${Math.round(value * 10) / 10}`;
}

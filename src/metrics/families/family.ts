/** A figure: what it is called on the wire, and how it is read from plain numbers when somebody asks. */

import type { LoopDelay } from '../loop-delay.ts';
import type { Snapshot } from '../snapshot.ts';
import type { MetricSources } from '../sources.ts';

/** What a family is read from. */
export interface Reading {
  readonly sources: MetricSources;
  readonly now: Snapshot;
  readonly loopDelay: LoopDelay;
}

export type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

export interface Family {
  readonly type: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  read(reading: Reading): Iterable<Sample>;
}

export function one(
  type: Family['type'],
  name: string,
  help: string,
  labels: readonly string[],
  read: Family['read'],
): Family {
  return { type, name, help, labels, read };
}

/** A sample for each member, with its name as the label. */
export function each(counts: Readonly<Record<string, number>>, label: string): Sample[] {
  return Object.entries(counts).map(([key, count]) => [count, { [label]: key }]);
}

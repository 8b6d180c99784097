/** What a profile has found, as it is kept until the report is written. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Shares of a whole, the largest first. */
export type Shares = readonly { readonly what: string; readonly share: number }[];

export interface ThreadTime {
  readonly thread: string;
  /** Seconds per second: shares of a core. */
  readonly user: number;
  readonly system: number;
}

export interface SystemCalls {
  readonly name: string;
  readonly perSecond: number;
}

/** One load and where its time went; what a tool would have told that is not there is undefined. */
export interface LoadFindings {
  readonly load: string;
  readonly deliveriesPerSecond: number;
  readonly messagesPerRead: number;
  readonly p99: number;
  /** Microseconds of the whole process. */
  readonly cpuPerDelivery: number;
  readonly threads: readonly ThreadTime[] | undefined;
  /** Of the main thread's time, by V8's sampling profiler. */
  readonly sampled: Shares;
  /** Of the main thread's JavaScript: functions by the time in themselves. */
  readonly functions: Shares;
  /** Of the main thread's time, by perf. */
  readonly layers: Shares | undefined;
  readonly symbols: Shares | undefined;
  /** Of the main thread, by strace, which slows it down: how many, not how long. */
  readonly calls: readonly SystemCalls[] | undefined;
}

export interface ProfileFindings {
  readonly machine: Readonly<Record<string, string>>;
  readonly loads: readonly LoadFindings[];
}

const file = fileURLToPath(new URL('../results/profile/findings.json', import.meta.url));

export function keepFindings(findings: ProfileFindings): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(findings, null, 2)}\n`);
}

/** Those of the last profile, if there was one. */
export function readFindings(): ProfileFindings | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProfileFindings) : undefined;
}

/** Amounts as shares of their sum. */
export function sharesOf(amounts: ReadonlyMap<string, number>, most = Number.POSITIVE_INFINITY): Shares {
  const sum = [...amounts.values()].reduce((total, amount) => total + amount, 0);
  return [...amounts]
    .map(([what, amount]) => ({ what, share: sum === 0 ? 0 : amount / sum }))
    .sort((a, b) => b.share - a.share)
    .slice(0, most);
}

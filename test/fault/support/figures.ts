/** Measured figures in a few words. */

/** @example wordsOfTimes([12.3, 8.1, 99]) // "median 12 ms, at most 99 ms" */
export function wordsOfTimes(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return `median ${Math.round(median)} ms, at most ${Math.round(sorted.at(-1) ?? 0)} ms`;
}

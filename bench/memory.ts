/** How much memory a server has, so that the difference of two answers is what was opened between them. */

import { usageOf } from './load/process-usage.ts';
import type { Sizes } from './sizes.ts';
import type { RunningSystem } from './systems/system.ts';

export interface MemoryUsed {
  readonly rssBytes: number;
  /** Of the main thread, as far as it is known. */
  readonly heapBytes: number | undefined;
}

/** @param isProbed whether it can be told to collect its garbage first */
export async function memoryOf(
  { child, wire }: RunningSystem,
  isProbed: boolean,
  { isSmoke }: Sizes,
): Promise<MemoryUsed> {
  if (isProbed) return child.asked<MemoryUsed>(isSmoke ? 'memory-roughly' : 'memory');
  return { rssBytes: usageOf(wire.pids).rssBytes, heapBytes: undefined };
}

/** Kilobytes (of 1,000 bytes) that each of `count` things has added. */
export function kilobytesEach(
  before: MemoryUsed,
  after: MemoryUsed,
  count: number,
): { readonly rss: number; readonly heap: number | undefined } {
  const each = (bytes: number) => bytes / count / 1000;
  return {
    rss: each(after.rssBytes - before.rssBytes),
    heap:
      after.heapBytes === undefined || before.heapBytes === undefined
        ? undefined
        : each(after.heapBytes - before.heapBytes),
  };
}

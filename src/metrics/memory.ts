/** What this process has of the memory. */

import { getHeapStatistics } from 'node:v8';

/** To ask takes a descriptor: undefined where there is none left to ask with. */
export function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}

/** What JavaScript's objects take. */
export function heapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/** What this process has of the memory. */

import { getHeapStatistics } from 'node:v8';

/** To ask takes a descriptor: 0 where there is none left to ask with. */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

/** What JavaScript's objects take. */
export function heapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

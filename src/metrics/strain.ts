/** What this process bears, and how much of it it should. */

import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Strain } from '../core/observer.ts';
import type { LoopDelayMeter } from './loop-delay.ts';
import { heapBytes, residentBytes } from './memory.ts';

// The rest is for what comes before anybody is refused, and for collecting garbage.
const usableShare = 0.85;

/** How it is, the delay since `meter` was asked last. */
export function measureStrain(meter: LoopDelayMeter): Strain {
  return { loopDelayMs: meter.take().p99, rssBytes: residentBytes() ?? 0, heapBytes: heapBytes() };
}

/**
 * The most that it should bear; `Infinity`: any.
 * @param maxLoopDelayMs null: however late
 * @param maxMemoryBytes null: a share of what machine and container give; `Infinity`: however much, also of the heap
 */
export function strainBounds(maxLoopDelayMs: number | null, maxMemoryBytes: number | null): Strain {
  const heapBytes =
    maxMemoryBytes === Number.POSITIVE_INFINITY
      ? maxMemoryBytes
      : getHeapStatistics().heap_size_limit * usableShare;
  return {
    loopDelayMs: maxLoopDelayMs ?? Number.POSITIVE_INFINITY,
    rssBytes: maxMemoryBytes ?? givenMemory() * usableShare,
    heapBytes,
  };
}

/** Where there is no container, Node says 0 or more than there is. */
function givenMemory(): number {
  const machine = totalmem();
  const container = process.constrainedMemory() ?? 0;
  return container > 0 ? Math.min(container, machine) : machine;
}

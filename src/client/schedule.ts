/** Time and chance as arguments, so that a test can hold both. */
import { firstBackoffMs, lastBackoffMs, longestSleepMs } from './bounds.ts';

export interface Schedule {
  /**
   * Milliseconds of the wall clock: unlike the monotonic one it goes on while a laptop sleeps. A jump costs
   * a needless reconnect, nothing else.
   */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

export const realSchedule: Schedule = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, longestSleepMs));
      signal.addEventListener('abort', done);
    });
  },
};

/**
 * How long to wait before another try: full jitter, so that a thousand pages do not come back at once.
 *
 * @param failures how many tries have failed in a row; 0: it worked
 * @param floorMs the least the server asked for (`retry:` or `Retry-After`)
 */
export function backoffMs({ random }: Schedule, failures: number, floorMs = 0): number {
  return floorMs + random() * Math.min(lastBackoffMs, firstBackoffMs * 2 ** failures);
}

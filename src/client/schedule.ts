/** Time and chance as arguments, so that a test can hold both. */
import { firstBackoffMs, lastBackoffMs, longestSleepMs } from './bounds.ts';

export interface Schedule {
  /**
   * Milliseconds that never go back, with those that a laptop sleeps: the monotonic clock does without them. A
   * jump ahead costs a needless reconnect, nothing else.
   */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

/** As `Schedule` has it; by itself for those who need no clock. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
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
}

let last = 0;
/** By how much the wall clock was set back. */
let setBackMs = 0;

export const realSchedule: Schedule = {
  now() {
    setBackMs = Math.max(setBackMs, last - Date.now());
    last = Date.now() + setBackMs;
    return last;
  },
  random: () => Math.random(),
  sleep,
};

/**
 * How long to wait before another try: full jitter, so that a thousand pages do not come back at once.
 *
 * @param failures how many tries have failed in a row; 0: it worked
 * @param floorMs the least the server asked for (`retry:` or `Retry-After`)
 */
export function backoffMs({ random }: Pick<Schedule, 'random'>, failures: number, floorMs = 0): number {
  return floorMs + random() * Math.min(lastBackoffMs, firstBackoffMs * 2 ** failures);
}

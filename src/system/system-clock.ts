/** The machine's clock. */

import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '../core/clock.ts';

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timeout = setTimeout(callback, delayMs).unref();
    return { cancel: () => clearTimeout(timeout) } satisfies Timer;
  },
  every(periodMs, callback) {
    const interval = setInterval(callback, periodMs).unref();
    return { cancel: () => clearInterval(interval) } satisfies Timer;
  },
};

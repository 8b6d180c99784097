/**
 * How late the event loop is, measured only while somebody asks: the first asking begins it, and when nobody has asked for
 * a while it ends.
 */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock, Timer } from '../core/clock.ts';

export interface LoopDelay {
  readonly mean: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

// Its timer costs a fiftieth of a per mille of a core.
const resolutionMs = 20;
const usuallyForgottenMs = 30_000;

export class LoopDelayMeter {
  readonly #clock: Clock;
  readonly #forgottenMs: number;
  #histogram: IntervalHistogram | undefined;
  #end: Timer | undefined;

  /** @param forgottenMs when it ends if nobody asks any more */
  constructor(clock: Clock, forgottenMs = usuallyForgottenMs) {
    this.#clock = clock;
    this.#forgottenMs = forgottenMs;
  }

  /** Whether it is measured at the moment. */
  get isMeasuring(): boolean {
    return this.#histogram !== undefined;
  }

  /** In milliseconds, since the last time it was asked for; 0 the first time. */
  take(): LoopDelay {
    this.#end?.cancel();
    this.#end = this.#clock.after(this.#forgottenMs, () => this.stop());
    const histogram = this.#histogram ?? this.#begin();
    const delay = {
      mean: msOf(histogram.mean),
      median: msOf(histogram.percentile(50)),
      p99: msOf(histogram.percentile(99)),
      max: msOf(histogram.max),
    };
    histogram.reset();
    return delay;
  }

  stop(): void {
    this.#end?.cancel();
    this.#histogram?.disable();
    this.#histogram = undefined;
  }

  #begin(): IntervalHistogram {
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs });
    this.#histogram.enable();
    return this.#histogram;
  }
}

/** What Node measures is the time from one look to the next. */
function msOf(nanoseconds: number): number {
  const ms = nanoseconds / 1e6 - resolutionMs;
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms * 100) / 100 : 0;
}

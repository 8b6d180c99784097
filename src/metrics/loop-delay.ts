/**
 * How late the event loop is, measured only while somebody asks: the first asking begins it, and when nobody has asked for
 * a while it ends.
 */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock, Timer } from '../core/clock.ts';

export interface LoopDelay {
  readonly mean: number;
  readonly p99: number;
}

// Its timer costs a fiftieth of a per mille of a core.
const resolutionMs = 20;
const forgottenMs = 30_000;

export class LoopDelayMeter {
  readonly #clock: Clock;
  #histogram: IntervalHistogram | undefined;
  #end: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it is measured at the moment. */
  get isMeasuring(): boolean {
    return this.#histogram !== undefined;
  }

  /** In milliseconds, since the last time it was asked for; 0 the first time. */
  take(): LoopDelay {
    this.#end?.cancel();
    this.#end = this.#clock.after(forgottenMs, () => this.stop());
    const histogram = this.#histogram ?? this.#begin();
    const delay = { mean: msOf(histogram.mean), p99: msOf(histogram.percentile(99)) };
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

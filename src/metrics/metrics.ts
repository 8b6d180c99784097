/**
 * The figures of one application, as Prometheus reads them: a registry of its own, since several applications may live in one
 * process. Loaded only where somebody may ask.
 */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Measurements } from './counters.ts';
import type { Family, Reading } from './families/family.ts';
import { families } from './families.ts';
import { histograms } from './histograms.ts';
import { LoopDelayMeter } from './loop-delay.ts';
import { openMetricsType, toOpenMetrics, wantsOpenMetrics } from './open-metrics.ts';
import { Snapshots } from './snapshot.ts';
import type { MetricSources } from './sources.ts';

export interface MetricsAnswer {
  readonly type: string;
  readonly text: string;
}

// Longer than from one scrape to the next.
const delayForgottenMs = 10 * 60_000;

export class Metrics implements Measurements {
  readonly #sources: MetricSources;
  readonly #registry = new Registry();
  readonly #snapshots: Snapshots;
  readonly #loopDelay: LoopDelayMeter;
  readonly #batch: Histogram;
  readonly #fanOut: Histogram;
  readonly #commit: Histogram;
  // What the families are read from while somebody asks.
  #reading: Reading | undefined;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.#snapshots = new Snapshots(sources);
    this.#loopDelay = new LoopDelayMeter(sources.clock, delayForgottenMs);
    for (const family of families) this.#register(family);
    const registers = [this.#registry];
    this.#batch = new Histogram({ ...histograms.batch, registers });
    this.#fanOut = new Histogram({ ...histograms.fanOut, registers });
    this.#commit = new Histogram({ ...histograms.commit, registers });
    sources.counters.measurements = this;
  }

  batch(events: number): void {
    this.#batch.observe(events);
  }

  fanOut(ms: number): void {
    this.#fanOut.observe(ms / 1000);
  }

  commit(ms: number): void {
    this.#commit.observe(ms / 1000);
  }

  /** @param accept the header of who asks */
  async answer(accept: string | undefined): Promise<MetricsAnswer> {
    const now = await this.#snapshots.take();
    this.#reading = { sources: this.#sources, now, loopDelay: this.#loopDelay.take() };
    const text = await this.#registry.metrics();
    if (!wantsOpenMetrics(accept)) return { type: Registry.PROMETHEUS_CONTENT_TYPE, text };
    return { type: openMetricsType, text: toOpenMetrics(text) };
  }

  stop(): void {
    this.#loopDelay.stop();
  }

  #register({ type, name, help, labels, read }: Family): void {
    const Shape = type === 'counter' ? Counter : Gauge;
    const samples = () => (this.#reading ? read(this.#reading) : []);
    new Shape({
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect() {
        this.reset();
        // Without labels it would be 0 where nothing is known.
        if (labels.length === 0) this.remove();
        for (const [value, sampleLabels = {}] of samples()) this.inc(sampleLabels, value);
      },
    });
  }
}

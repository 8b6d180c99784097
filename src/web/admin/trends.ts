/** What the server did over the last minutes, from the differences of what it counts. */

import type { Stats } from './answers.ts';

/** What is followed; rates are per second, `cpu` is a share of one core. */
export const trendNames = [
  'members',
  'sessions',
  'streams',
  'messages',
  'deliveries',
  'lagBytes',
  'lagEvents',
  'rss',
  'heap',
  'loopDelay',
  'cpu',
] as const;
export type TrendName = (typeof trendNames)[number];

/** One column per name, beside `times` in seconds since 1970; null: not known, and nothing is drawn across it. */
export interface TrendData {
  readonly times: readonly number[];
  readonly columns: Readonly<Record<TrendName, readonly (number | null)[]>>;
}

export interface Figures {
  readonly latest: number;
  readonly mean: number;
  readonly highest: number;
}

type Sample = Readonly<Record<TrendName, number | null>>;

/** After a longer silence something is missing: what was there meanwhile is not guessed. */
const silenceMs = 10_000;

export class Trends {
  readonly #keptMs: number;
  readonly #samples: { readonly at: number; readonly sample: Sample }[] = [];
  #last: Stats | undefined;

  /** @param keptMs how far back it goes */
  constructor(keptMs = 600_000) {
    this.#keptMs = keptMs;
  }

  take(stats: Stats): void {
    const last = this.#last;
    // The same moment told twice, or a clock that was set back, makes no rate.
    if (last && stats.now <= last.now && stats.startedAt === last.startedAt) {
      if (stats.now < last.now) this.#samples.length = 0;
      this.#last = stats;
      return;
    }
    const elapsedMs = last ? stats.now - last.now : 0;
    const isSequel = last !== undefined && last.startedAt === stats.startedAt && elapsedMs <= silenceMs;
    if (last && !isSequel) this.#samples.push({ at: last.now + 1, sample: nothing });
    this.#samples.push({ at: stats.now, sample: sampleOf(stats, isSequel ? last : undefined, elapsedMs) });
    this.#last = stats;
    const tooOld = this.#samples.findIndex(({ at }) => at >= stats.now - this.#keptMs);
    if (tooOld > 0) this.#samples.splice(0, tooOld);
  }

  get data(): TrendData {
    const columnOf = (name: TrendName) => this.#samples.map(({ sample }) => sample[name]);
    return {
      times: this.#samples.map(({ at }) => at / 1000),
      columns: each(columnOf),
    };
  }

  /** Undefined as long as nothing is known of it. */
  figuresOf(name: TrendName): Figures | undefined {
    const known = this.#samples.map(({ sample }) => sample[name]).filter((value) => value !== null);
    const latest = known.at(-1);
    if (latest === undefined) return undefined;
    const sum = known.reduce((total, value) => total + value, 0);
    return { latest, mean: sum / known.length, highest: Math.max(...known) };
  }
}

function each<T>(of: (name: TrendName) => T): Readonly<Record<TrendName, T>> {
  // Built from all the names there are.
  return Object.fromEntries(trendNames.map((name) => [name, of(name)])) as Record<TrendName, T>;
}

const nothing: Sample = each(() => null);

function sampleOf(stats: Stats, before: Stats | undefined, elapsedMs: number): Sample {
  const rate = (of: (stats: Stats) => number) =>
    // What fell was counted anew.
    before && of(stats) >= of(before) ? ((of(stats) - of(before)) * 1000) / elapsedMs : null;
  const { sessions, lag, memory } = stats;
  return {
    members: stats.members,
    sessions: sessions.pull + sessions.push + sessions.reserved,
    streams: stats.streams,
    messages: rate(({ counters }) => counters.messages),
    deliveries: rate(({ counters }) => counters.deliveries),
    lagBytes: lag.bytes,
    lagEvents: lag.events,
    rss: memory.rss,
    heap: memory.heapUsed,
    loopDelay: stats.loopDelayMs.p99,
    cpu: rate(({ cpu }) => (cpu.userMs + cpu.systemMs) / 1000),
  };
}

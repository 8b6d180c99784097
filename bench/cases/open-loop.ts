/**
 * The highest rate that a server bears: messages in open loop, faster and faster until a 99th percentile is beyond the
 * bound, then halving the distance between what it bore and what it did not.
 */

import type { Contender, Run } from '../bench.ts';
import type { LoadFigures } from '../load/measured-load.ts';
import type { Sizes } from '../sizes.ts';
import { nchans, parlor, rawNet } from '../systems/all.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

const contenders: readonly Contender[] = [
  { system: parlor, streams: 'members' },
  { system: parlor, streams: 'feed' },
  { system: rawNet },
  ...nchans.map((system) => ({ system })),
];
const streams = 1_000;
const publishers = 128;
const p99BoundMs = 50;
const firstRate = 400;
/** From one step to the next while it bears them. */
const growth = 2;
/** The distance, as a share of the rate, at which the search ends. */
const precision = 0.05;
const mostSteps = 14;
/** A machine on which less than this is too much is busy with something else. */
const leastRate = 10;
const stepMs = 2_500;
const stepWarmUpMs = 500;
// A step that was too much leaves behind what has to be delivered first.
const settleMs = 500;

export const openLoop1000: BenchCase = {
  name: 'open-loop-1000',
  loads: `${streams.toLocaleString('en')} streams, ${publishers} publishers: the highest rate in open loop at which p99 is at most ${p99BoundMs} ms and nothing is lost`,
  shows: ['highestRate', 'deliveriesPerSecond', 'p99', 'serverCpu', 'generatorCpu'],
  reading:
    'The highest rate is what people get before they notice; the precision of the search is 5 %. A message counts from when it was due.',
  run: (bench) =>
    bench.inTurn(contenders, async (run) => {
      await run.load.call('addPublishers', { room, count: publishers, messageBytes });
      const kind = run.contender.streams ?? 'feed';
      await run.load.call('open', { room, kind, count: bench.sizes.scaled(streams) });
      await run.load.call('synchronise', undefined);
      return search(run, bench.sizes);
    }),
};

/**
 * The rate to try next; undefined if the search is over.
 * @param borne the highest that was borne, or 0
 * @param tooMuch the lowest that was too much; `Infinity` if none was
 */
export function nextRate(borne: number, tooMuch: number): number | undefined {
  if (tooMuch === Number.POSITIVE_INFINITY) return borne * growth;
  if (tooMuch - borne <= tooMuch * precision || tooMuch < leastRate) return undefined;
  return (borne + tooMuch) / 2;
}

async function search(run: Run, sizes: Sizes): Promise<Record<string, number>> {
  const steps: Record<string, number> = {};
  let borne = 0;
  let best: LoadFigures | undefined;
  let tooMuch = Number.POSITIVE_INFINITY;
  let rate = firstRate;
  for (let step = 0; step < (sizes.isSmoke ? 2 : mostSteps); step++) {
    const figures = await run.load.call('load', {
      ...sizes,
      rate,
      ...(sizes.isSmoke ? {} : { warmUpMs: stepWarmUpMs, measureMs: stepMs }),
    });
    steps[`p99At${Math.round(rate)}`] = figures.p99;
    if (figures.p99 <= p99BoundMs && figures.unsaid === 0) {
      borne = rate;
      best = figures;
    } else {
      tooMuch = rate;
      await new Promise((resolve) => setTimeout(resolve, settleMs));
    }
    const next = nextRate(borne, tooMuch);
    if (next === undefined) break;
    rate = next;
  }
  return {
    highestRate: borne,
    deliveriesPerSecond: best?.deliveriesPerSecond ?? 0,
    p99: best?.p99 ?? 0,
    serverCpu: best?.serverCpu ?? 0,
    generatorCpu: best?.generatorCpu ?? 0,
    ...steps,
  };
}

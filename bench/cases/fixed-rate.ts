/** Messages at a fixed rate, whether the server keeps up or not; what is late counts from when it was due. */

import type { Contender } from '../bench.ts';
import { nchans, parlor, rawNet } from '../systems/all.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

/** Enough that a message seldom waits for one of them; what waits counts as late. */
const openLoopPublishers = 64;

const contenders: readonly Contender[] = [
  { system: parlor, streams: 'members' },
  { system: parlor, streams: 'feed' },
  { system: rawNet },
  ...nchans.map((system) => ({ system })),
];

function fixedRate(rate: number, streams: number, measureMs: number): BenchCase {
  return {
    name: `rate-${rate}-${streams}`,
    loads: `${rate} messages per second to ${streams.toLocaleString('en')} streams in open loop, from ${openLoopPublishers} publishers`,
    shows: [
      'deliveriesPerSecond',
      'p50',
      'p99',
      'serverCpu',
      'generatorCpu',
      'readsPerSecond',
      'cpuPerRead',
      'unsaid',
    ],
    reading:
      'All of them have the same to do here, so what is left of the core and how late messages are is what tells them apart. What a message costs at the sender (an HTTP request, and with Parlor a commit) is within the CPU per socket write.',
    run: (bench) =>
      bench.inTurn(contenders, async ({ contender, load }) => {
        const { sizes } = bench;
        await load.call('addPublishers', { room, count: openLoopPublishers, messageBytes });
        const kind = contender.streams ?? 'feed';
        await load.call('open', { room, kind, count: sizes.scaled(streams) });
        await load.call('synchronise', undefined);
        const wanted = { ...sizes, rate, measureMs: sizes.isSmoke ? sizes.measureMs : measureMs };
        return { ...(await load.call('load', wanted)) };
      }),
  };
}

export const rate500 = fixedRate(500, 1_000, 5_000);
// A window long enough that the kernel's hundredths of a second do not matter.
export const rate20 = fixedRate(20, 1_000, 10_000);

/** Publishers in closed loop: each says its next message as soon as the one before is acknowledged. */

import type { Contender } from '../bench.ts';
import {
  betterSse,
  fastifySse,
  nchans,
  nodeHttp,
  parlor,
  rawNet,
  rawNetSingly,
  socketIo,
} from '../systems/all.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

interface ClosedLoop {
  readonly name: string;
  readonly streams: number;
  readonly publishers: number;
  readonly contenders: readonly Contender[];
  /** For a point in a plot. */
  readonly isBrief?: boolean;
}

const briefSizes = { warmUpMs: 1_000, measureMs: 3_000 };

function closedLoop({ name, streams, publishers, contenders, isBrief = false }: ClosedLoop): BenchCase {
  return {
    name,
    loads: `${streams.toLocaleString('en')} streams, ${publishers} publishers in closed loop, messages of ${messageBytes} bytes`,
    shows: [
      'deliveriesPerSecond',
      'messagesPerSecond',
      'p50',
      'p99',
      'serverCpu',
      'generatorCpu',
      'readsPerSecond',
      'rssMb',
    ],
    reading: `With ${publishers} publishers at most ${publishers} messages are in the air: deliveries/s is that number, times the streams, by the time that a message takes to be acknowledged. Who gathers messages writes less often, so look at the p99 as well.`,
    run: (bench) =>
      bench.inTurn(contenders, async ({ contender, load }) => {
        const { sizes } = bench;
        await load.call('addPublishers', { room, count: publishers, messageBytes });
        const kind = contender.streams ?? 'feed';
        await load.call('open', { room, kind, count: sizes.scaled(streams) });
        await load.call('synchronise', undefined);
        const wanted = { ...sizes, ...(isBrief && !sizes.isSmoke ? briefSizes : {}) };
        return { streams: sizes.scaled(streams), ...(await load.call('load', wanted)) };
      }),
  };
}

const everybody: readonly Contender[] = [
  { system: parlor, streams: 'members' },
  { system: parlor, streams: 'feed' },
  { system: rawNet },
  { system: rawNetSingly },
  { system: nodeHttp },
  { system: betterSse },
  { system: fastifySse },
  { system: socketIo },
  ...nchans.map((system) => ({ system })),
];

export const closedLoop1000 = closedLoop({
  name: 'closed-loop-1000',
  streams: 1_000,
  publishers: 16,
  contenders: everybody,
});

export const closedLoop10000Feed = closedLoop({
  name: 'closed-loop-10000-feed',
  streams: 10_000,
  publishers: 8,
  contenders: [parlor, rawNet, ...nchans].map((system) =>
    system === parlor ? { system, streams: 'feed' } : { system },
  ),
});

/** For the plot of deliveries against streams. */
export const closedLoopGrowing: readonly BenchCase[] = [10, 100, 3_000].map((streams) =>
  closedLoop({
    name: `closed-loop-${streams}-feed`,
    streams,
    publishers: 16,
    isBrief: true,
    contenders: [parlor, rawNet, nodeHttp, ...nchans].map((system) =>
      system === parlor ? { system, streams: 'feed' } : { system },
    ),
  }),
);

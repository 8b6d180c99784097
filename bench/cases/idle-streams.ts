/** Streams over which nothing goes: what it costs to have them. */

import type { Contender } from '../bench.ts';
import { kilobytesEach, memoryOf } from '../memory.ts';
import { betterSse, nchans, nodeHttp, parlor, rawNet, socketIo } from '../systems/all.ts';
import { type BenchCase, manyRooms, messageBytes, room } from './bench-case.ts';

const contenders: readonly Contender[] = [
  { system: parlor, streams: 'feed', isProbed: true },
  { system: parlor, streams: 'members', isProbed: true, env: manyRooms.env },
  ...[rawNet, nodeHttp, betterSse, socketIo].map((system) => ({ system, isProbed: true })),
  ...nchans.map((system) => ({ system })),
];

function idleStreams(streams: number): BenchCase {
  return {
    name: `idle-streams-${streams}`,
    loads: `${streams.toLocaleString('en')} streams over which nothing goes; members' streams with a session each, ${manyRooms.members.toLocaleString('en')} to a room`,
    shows: ['rssPerStream', 'heapPerStream', 'rssMb'],
    reading:
      'What the process has more of than before they were opened, garbage collected on both occasions (nginx has none). The kernel needs some kilobytes more per connection, for everybody. RSS: the whole process, in the end.',
    run: (bench) =>
      bench.inTurn(contenders, async ({ contender, running, load }) => {
        const { sizes } = bench;
        const { isProbed = false, streams: kind = 'feed' } = contender;
        const rooms = kind === 'members' ? manyRooms.take(streams) : [room];
        const before = await memoryOf(running, isProbed, sizes);
        for (const each of rooms) {
          await load.call('open', { room: each, kind, count: sizes.scaled(streams / rooms.length) });
        }
        const after = await memoryOf(running, isProbed, sizes);
        // They were streams indeed: a message comes out of each.
        for (const each of rooms) await load.call('addPublishers', { room: each, count: 1, messageBytes });
        await load.call('synchronise', undefined);
        const count = sizes.scaled(streams / rooms.length) * rooms.length;
        const { rss, heap } = kilobytesEach(before, after, count);
        return {
          streams: count,
          rssPerStream: rss,
          ...(heap === undefined ? {} : { heapPerStream: heap }),
          rssMb: after.rssBytes / 1e6,
        };
      }),
  };
}

export const idleStreams1000 = idleStreams(1_000);
export const idleStreams10000 = idleStreams(10_000);

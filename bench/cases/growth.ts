/** What grows with the number of streams, sessions and members, and what must not. */

import type { Contender } from '../bench.ts';
import { kilobytesEach, memoryOf } from '../memory.ts';
import { parlor, rawNet } from '../systems/all.ts';
import { type BenchCase, manyRooms, messageBytes, room } from './bench-case.ts';

const publishers = 16;
/** Of all streams together, so that the core has as much to do whatever their number. */
const deliveriesPerSecond = 40_000;
const streamCounts = [1_000, 10_000];

export const growthStreams: BenchCase = {
  name: 'growth-streams',
  loads: `${deliveriesPerSecond.toLocaleString('en')} deliveries per second, each message in a write of its own: to many streams, or ten times as often to a tenth of them`,
  shows: ['cpuPerDelivery', 'messagesPerRead', 'deliveriesPerSecond', 'p99', 'serverCpu'],
  reading: `Beside the raw server it shows how much of the growth is the kernel's, whose caches hold a thousand sockets better than ten thousand.`,
  run: (bench) => {
    const contenders = [parlor, rawNet].flatMap((system) =>
      streamCounts.map((count): Contender & { readonly count: number } => ({
        system,
        form: `${count.toLocaleString('en')} streams`,
        count,
      })),
    );
    return bench.inTurn(contenders, async ({ contender, load }) => {
      const { sizes } = bench;
      const { count } = contender;
      await load.call('addPublishers', { room, count: publishers, messageBytes });
      await load.call('open', { room, kind: 'feed', count: sizes.scaled(count) });
      await load.call('synchronise', undefined);
      const rate = deliveriesPerSecond / count;
      return { ...(await load.call('load', { ...sizes, rate: sizes.isSmoke ? rate * 10 : rate })) };
    });
  },
};

const fewSessions = 1_000;
const manySessions = 20_000;

export const growthPolls: BenchCase = {
  name: 'growth-polls',
  loads: `empty getUpdates over ${fewSessions.toLocaleString('en')} connections, in closed loop, of as many sessions or of many more; and the memory of the sessions`,
  shows: ['cpuPerPoll', 'pollsPerSecond', 'p99', 'rssPerSession', 'heapPerSession', 'generatorCpu'],
  reading:
    'CPU per poll should not depend on how many sessions there are. The memory is what the process has more of than before they were created, garbage collected on both occasions; what a small number of sessions needs is mostly what a server needs anyway.',
  run: (bench) => {
    const contenders = [fewSessions, manySessions].map((sessions) => ({
      system: parlor,
      form: `${sessions.toLocaleString('en')} sessions`,
      isProbed: true,
      env: manyRooms.env,
      sessions,
    }));
    return bench.inTurn(contenders, async ({ contender, running, load }) => {
      const { sizes } = bench;
      const { sessions } = contender;
      const rooms = manyRooms.take(sessions);
      const before = await memoryOf(running, true, sizes);
      for (const each of rooms) {
        await load.call('addPollers', { room: each, count: sizes.scaled(sessions / rooms.length) });
      }
      const after = await memoryOf(running, true, sizes);
      const { rss, heap } = kilobytesEach(
        before,
        after,
        sizes.scaled(sessions / rooms.length) * rooms.length,
      );
      const polls = await load.call('poll', { connections: sizes.scaled(fewSessions), ...sizes });
      return { ...polls, rssPerSession: rss, ...(heap === undefined ? {} : { heapPerSession: heap }) };
    });
  },
};

const eventsPerSecond = 500;

export const growthPullMembers: BenchCase = {
  name: 'growth-pull-members',
  loads: `${eventsPerSecond} messages per second in a room with one stream, alone or with ${manyRooms.members.toLocaleString('en')} pull members who are not asking`,
  shows: ['cpuPerMessage', 'p99', 'serverCpu'],
  reading:
    'Pull members who do not ask hold a number each, so a message should cost the same with them and without.',
  run: (bench) => {
    const contenders = [0, manyRooms.members].map((members) => ({
      system: parlor,
      form: members === 0 ? 'no pull members' : `${members.toLocaleString('en')} pull members`,
      members,
    }));
    return bench.inTurn(contenders, async ({ contender, load }) => {
      const { sizes } = bench;
      const { members } = contender;
      if (members > 0) await load.call('addPollers', { room, count: sizes.scaled(members) });
      await load.call('addPublishers', { room, count: publishers, messageBytes });
      await load.call('open', { room, kind: 'feed', count: 1 });
      await load.call('synchronise', undefined);
      return { ...(await load.call('load', { ...sizes, rate: eventsPerSecond })) };
    });
  },
};

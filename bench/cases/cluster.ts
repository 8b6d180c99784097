/** Instances on one Redis: what the same load costs the more of them there are, and how long an acknowledgement takes. */

import { parlor } from '../systems/all.ts';
import { hasRedis, parlorCluster } from '../systems/parlor-cluster.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

const streams = 1_000;
const publishers = 16;
/** Messages per second at which nobody has to wait for a core. */
const quietRate = 20;

export const cluster: BenchCase = {
  name: 'cluster',
  loads: `${streams.toLocaleString('en')} streams and ${publishers} publishers, spread over the instances: in closed loop, and at ${quietRate} messages of ${messageBytes} bytes per second`,
  shows: [
    'deliveriesPerSecond',
    'messagesPerSecond',
    'sendP50',
    'sendP99',
    'quietSendP50',
    'quietSendP99',
    'serverCpu',
    'storeCpu',
    'storeCpuPerMessage',
    'generatorCpu',
    'rssMb',
  ],
  reading:
    'All instances and Redis share one core here, the other is the load generator’s: more instances cannot deliver more on it, and what they deliver less is what it costs to have them. On cores of their own each instance delivers to its own streams, and Redis works per message and instance, not per stream. Parlor alone keeps its messages in a file.',
  run: (bench) => {
    const systems = [parlor, ...(hasRedis ? [1, 2, 3].map(parlorCluster) : [])];
    return bench.inTurn(
      systems.map((system) => ({ system })),
      async ({ load }) => {
        const { sizes } = bench;
        await load.call('addPublishers', { room, count: publishers, messageBytes });
        await load.call('open', { room, kind: 'feed', count: sizes.scaled(streams) });
        await load.call('synchronise', undefined);
        const quiet = await load.call('load', { ...sizes, rate: quietRate });
        const figures = await load.call('load', sizes);
        return {
          streams: sizes.scaled(streams),
          quietSendP50: quiet.sendP50,
          quietSendP99: quiet.sendP99,
          quietServerCpu: quiet.serverCpu,
          quietStoreCpu: quiet.storeCpu ?? 0,
          ...figures,
          storeCpu: figures.storeCpu ?? 0,
          storeCpuPerMessage: figures.storeCpuPerMessage ?? 0,
        };
      },
    );
  },
};

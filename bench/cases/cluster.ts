/** Instances on one Redis: what the same load costs the more of them there are, and how long an acknowledgement takes. */

import { parlor } from '../systems/all.ts';
import { hasRedis, parlorCluster } from '../systems/parlor-cluster.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

const streams = 1_000;
const publishers = 16;
/** Messages per second at which nobody has to wait for a core. */
const quietRate = 20;
/** At which Redis has work all the time, and still one message after the other. */
const steadyRate = 500;
/** One for each instance, so that all of them hear the room. */
const fewStreams = 3;

export const cluster: BenchCase = {
  name: 'cluster',
  loads: `${streams.toLocaleString('en')} streams and ${publishers} publishers, spread over the instances: in closed loop, and at ${quietRate} messages of ${messageBytes} bytes per second; at rest, and at ${steadyRate} per second, with ${fewStreams} streams`,
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
    'restServerCpu',
    'restStoreCpu',
    'quietServerCpu',
    'quietStoreCpuPerMessage',
    'steadyStoreCpuPerMessage',
    'steadyServerCpuPerMessage',
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
        await load.call('open', { room, kind: 'feed', count: fewStreams });
        await load.call('synchronise', undefined);
        const rest = await load.call('rest', sizes);
        const steady = await load.call('load', { ...sizes, rate: steadyRate });
        await load.call('close', undefined);
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
          restServerCpu: rest.serverCpu,
          restStoreCpu: rest.storeCpu,
          quietStoreCpuPerMessage: (((quiet.storeCpu ?? 0) - rest.storeCpu) * 1e6) / quietRate,
          steadyStoreCpuPerMessage: (((steady.storeCpu ?? 0) - rest.storeCpu) * 1e6) / steadyRate,
          steadyServerCpuPerMessage: ((steady.serverCpu - rest.serverCpu) * 1e6) / steadyRate,
          ...figures,
          storeCpu: figures.storeCpu ?? 0,
          storeCpuPerMessage: figures.storeCpuPerMessage ?? 0,
        };
      },
    );
  },
};

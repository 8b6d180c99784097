/** Several instances of Parlor on one Redis, where that is installed. */

import { spawnSync } from 'node:child_process';
import { Child } from '../child.ts';
import type { Wire } from '../load/wire.ts';
import { freePort } from './free-port.ts';
import { startParlor } from './parlor.ts';
import { type System, stopping } from './system.ts';

export const hasRedis = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
export const howToGetRedis =
  'redis-server is missing. On Debian, as root: apt-get install --no-install-recommends redis-server';

/**
 * All of them share a core with Redis: the other one is the load generator's. Redis writes nothing to the disk, so that what is
 * measured is its work and not the disk's.
 */
export function parlorCluster(instances: number): System {
  return {
    name: `Parlor (${instances} ${instances === 1 ? 'instance' : 'instances'} on Redis)`,
    isBaseline: false,
    async start(built, options = {}) {
      const storePort = await freePort();
      const settings = [
        '--port',
        `${storePort}`,
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--dir',
        built.folder(),
      ];
      const redis = new Child({ part: 'server', command: ['redis-server', ...settings] });
      await redis.printed(/(Ready to accept connections)/).catch(stopping(redis));
      const started: Awaited<ReturnType<typeof startParlor>>[] = [];
      const stop = async () => {
        for (const { child } of started) await child.stop();
        await redis.stop();
      };
      try {
        for (let index = 0; index < instances; index++) {
          started.push(await startParlor(built, options, { STORE_URL: `redis://127.0.0.1:${storePort}` }));
        }
      } catch (error) {
        await stop();
        throw error;
      }
      const [first, ...others] = started;
      if (!first) throw new Error('There has to be an instance.');
      const wire: Wire = {
        kind: 'parlor',
        host: '127.0.0.1',
        port: first.port,
        otherPorts: others.map(({ port }) => port),
        pids: started.map(({ child }) => child.pid),
        storePids: [redis.pid],
      };
      return { wire, child: first.child, folder: first.folder, stop };
    },
  };
}

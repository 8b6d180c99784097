/** Sends in closed loop with hardly anybody to deliver to: what an acknowledgement costs, by what stands behind it. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parlor } from '../systems/all.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

const publishers = 16;
/** Nothing is trimmed, so that the file has it all. */
const keepsAll = { HISTORY_EVENTS: 'off', HISTORY_BYTES: '4GiB', HISTORY_TOTAL_BYTES: '8GiB' };

const forms: readonly { readonly form: string; readonly env: Readonly<Record<string, string>> }[] = [
  { form: 'a file, FULL', env: { ...keepsAll } },
  { form: 'a file, NORMAL', env: { ...keepsAll, STORE_SYNCHRONOUS: 'normal' } },
  { form: 'memory', env: { ...keepsAll, STORE_URL: 'memory:' } },
];

export const sends16: BenchCase = {
  name: 'sends-16',
  loads: `${publishers} publishers in closed loop and one stream: acknowledged sends of ${messageBytes} bytes`,
  shows: ['sendsPerSecond', 'sendP50', 'sendP99', 'cpuPerMessage', 'serverCpu', 'generatorCpu', 'fileMb'],
  reading:
    'FULL waits for the disk, so this depends on the disk as nothing else here does; what waits meanwhile is the next commit, so more publishers make more sends per second out of the same disk.',
  run: (bench) =>
    bench.inTurn(
      forms.map(({ form, env }) => ({ system: parlor, form, env })),
      async ({ contender, running, load }) => {
        await load.call('addPublishers', { room, count: publishers, messageBytes });
        await load.call('open', { room, kind: 'feed', count: 1 });
        await load.call('synchronise', undefined);
        const { messagesPerSecond, ...figures } = await load.call('load', bench.sizes);
        if (contender.env.STORE_URL === 'memory:') return { ...figures, sendsPerSecond: messagesPerSecond };
        const { messages } = figures;
        await load.call('close', undefined);
        await running.child.end();
        return {
          ...figures,
          sendsPerSecond: messagesPerSecond,
          ...(messages > 0 ? { fileMb: (sizeOf(running.folder) / 1e6 / messages) * 100_000 } : {}),
        };
      },
    ),
};

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

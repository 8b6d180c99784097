/** Ten thousand readers that are cut off and all come back at once, while messages flow to those that stayed. */

import type { Contender } from '../bench.ts';
import { nchans, parlor } from '../systems/all.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

const staying = 1_000;
const returning = 10_000;
const rate = 100;
const publishers = 16;
const contenders: readonly Contender[] = [
  { system: parlor, streams: 'feed', isProbed: true },
  ...nchans.map((system) => ({ system })),
];

export const storm10000: BenchCase = {
  name: 'storm-10000-feed',
  loads: `${returning.toLocaleString('en')} streams that come back at once and get what they missed, beside ${staying.toLocaleString('en')} that stayed, at ${rate} messages per second`,
  shows: ['allBackSeconds', 'halfBackSeconds', 'p99', 'p50', 'turnP99', 'turnMax', 'serverCpu'],
  reading:
    'From when all begin to connect until the last has everything it missed; p50 and p99 are those of the streams that stayed. A turn of the loop is measured by a timer of a millisecond, which is part of it.',
  run: (bench) =>
    bench.inTurn(contenders, async ({ contender, running, load }) => {
      const { sizes } = bench;
      const isProbed = contender.isProbed ?? false;
      let turns: { p50: number; p99: number; max: number } | undefined;
      const asked: Promise<unknown>[] = [];
      load.onSignal = (what) => {
        if (!isProbed) return;
        const answer = running.child.asked<typeof turns>(what === 'returning' ? 'reset-loop' : 'loop');
        asked.push(
          answer.then((figures) => {
            turns = figures;
          }),
        );
      };
      await load.call('addPublishers', { room, count: publishers, messageBytes });
      const count = sizes.scaled(returning);
      await load.call('open', { room, kind: 'feed', count: sizes.scaled(staying) + count });
      await load.call('synchronise', undefined);
      const figures = await load.call('storm', {
        room,
        returning: count,
        rate,
        warmUpMs: sizes.isSmoke ? 100 : 2_000,
        awayMs: sizes.isSmoke ? 50 : 1_000,
        returnTimeoutMs: 120_000,
        drainMs: sizes.drainMs,
      });
      await Promise.all(asked);
      return {
        ...figures,
        ...(turns ? { turnP50: turns.p50, turnP99: turns.p99, turnMax: turns.max } : {}),
      };
    }),
};

/** Ten thousand readers that are cut off and all come back at once, while messages flow to those that stayed. */

import { parlor } from '../systems/all.ts';
import { type BenchCase, messageBytes, room } from './bench-case.ts';

const staying = 1_000;
const returning = 10_000;
const rate = 100;
const publishers = 16;

/** Of the event loop, in milliseconds. */
interface Turns {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export const storm10000: BenchCase = {
  name: 'storm-10000-feed',
  loads: `${returning.toLocaleString('en')} streams that come back at once and get what they missed, beside ${staying.toLocaleString('en')} that stayed, at ${rate} messages per second`,
  shows: ['allBackSeconds', 'halfBackSeconds', 'p99', 'p50', 'turnP99', 'turnMax', 'refusals', 'serverCpu'],
  reading:
    'From when all begin to connect until the last has everything it missed; p50 and p99 are those of the streams that stayed. A turn of the loop is measured by a timer of a millisecond, which is part of it. There is nobody beside it: most baselines cannot resume, and nchan, which can, is far from bearing 1,100,000 deliveries per second.',
  run: (bench) =>
    bench.inTurn([{ system: parlor, streams: 'feed', isProbed: true }], async ({ running, load }) => {
      const { sizes } = bench;
      let turns = Promise.resolve<Turns>({ p50: 0, p99: 0, max: 0 });
      load.onSignal = (what) => {
        // One question at a time: answers do not say what they answer.
        turns = turns.then(() => running.child.asked<Turns>(what === 'returning' ? 'reset-loop' : 'loop'));
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
      const { p50, p99, max } = await turns;
      return { ...figures, turnP50: p50, turnP99: p99, turnMax: max };
    }),
};

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OverloadCause } from '../../src/core/observer.ts';
import { Overload } from '../../src/http/overload.ts';
import { strainBounds } from '../../src/metrics/strain.ts';
import { FakeClock } from '../support/fake-clock.ts';

const none = Number.POSITIVE_INFINITY;
const calm = { loopDelayMs: 1, rssBytes: 100, heapBytes: 10 };
const bounds = { loopDelayMs: 1_000, rssBytes: 1_000, heapBytes: 500 };

function watched(given = bounds) {
  const clock = new FakeClock();
  const told: (OverloadCause | undefined)[] = [];
  let strain = calm;
  const overload = new Overload({
    clock,
    bounds: given,
    measure: () => strain,
    observer: { overload: (cause) => told.push(cause) },
  });
  overload.start();
  /** What each second finds, and what is so after it. */
  const see = (...seconds: Partial<typeof calm>[]) =>
    seconds.map((second) => {
      strain = { ...calm, ...second };
      clock.advance(1_000);
      return overload.cause;
    });
  return { clock, overload, told, see };
}

describe('overload', () => {
  it('begins with the second look in a row over a bound, and is told once', () => {
    const late = { loopDelayMs: 1_001 };
    const { see, told } = watched();
    assert.deepEqual(see(late, calm, late, late, late), [
      undefined,
      undefined,
      undefined,
      'loop-delay',
      'loop-delay',
    ]);
    assert.deepEqual(told, ['loop-delay']);
  });

  it('ends with the third look in a row well below the bound that it began with, and is told once', () => {
    const cases = [
      ['loop-delay', { loopDelayMs: 2_000 }, { loopDelayMs: 501 }],
      ['memory', { rssBytes: 2_000 }, { rssBytes: 951 }],
      ['memory', { heapBytes: 600 }, { heapBytes: 480 }],
    ] as const;
    for (const [cause, much, hardlyLess] of cases) {
      const { see, told } = watched();
      see(much, much);
      assert.deepEqual(new Set(see(hardlyLess, calm, calm, hardlyLess, calm, calm)), new Set([cause]));
      assert.deepEqual(see(calm, calm), [undefined, undefined]);
      assert.deepEqual(told, [cause, undefined]);
    }
  });

  it('ends also where something else is near its bound, as it may be for good', () => {
    const usual = { rssBytes: 990, heapBytes: 490 };
    const { see, told } = watched();
    see(usual, { ...usual, loopDelayMs: 2_000 }, { ...usual, loopDelayMs: 2_000 });
    assert.deepEqual(see(usual, usual, usual), ['loop-delay', 'loop-delay', undefined]);
    assert.deepEqual(told, ['loop-delay', undefined]);
  });

  it('goes on where something else is over its bound by then, and is told of that', () => {
    const short = { rssBytes: 1_001 };
    const { see, told, overload } = watched();
    see({ loopDelayMs: 2_000 }, { loopDelayMs: 2_000 });
    const { since } = overload;
    assert.deepEqual(new Set(see(calm, short, calm, calm, short)), new Set(['loop-delay']));
    assert.deepEqual(see(short), ['memory']);
    assert.equal(overload.since, since);
    assert.deepEqual(see(calm, calm, calm), ['memory', 'memory', undefined]);
    assert.deepEqual(told, ['loop-delay', 'memory', undefined]);
  });

  it('says since when, by the clock of the wall, and no more when it is over', () => {
    const { clock, overload, see } = watched();
    assert.equal(overload.since, undefined);
    see({ loopDelayMs: 2_000 }, { loopDelayMs: 2_000 });
    const since = clock.wall();
    see({ loopDelayMs: 2_000 }, calm, calm);
    assert.equal(overload.since, since);
    see(calm);
    assert.equal(overload.since, undefined);
  });

  it('is of memory, of the process or of its heap', () => {
    for (const short of [{ rssBytes: 1_001 }, { heapBytes: 501 }]) {
      const { see } = watched();
      assert.deepEqual(see(short, short), [undefined, 'memory']);
    }
  });

  it('is not looked for without a bound, nor after the stop', () => {
    const unbounded = watched({ loopDelayMs: none, rssBytes: none, heapBytes: none });
    assert.equal(unbounded.clock.pending, 0);
    const { clock, overload } = watched();
    overload.stop();
    assert.equal(clock.pending, 0);
  });
});

describe('the bounds of what a process bears', () => {
  it('are a share of what there is, unless something else is said', () => {
    const usual = strainBounds(1_000, null);
    assert.equal(usual.loopDelayMs, 1_000);
    assert(usual.rssBytes > 50e6 && usual.rssBytes < 1e15, String(usual.rssBytes));
    assert(usual.heapBytes > 50e6 && usual.heapBytes < 1e15, String(usual.heapBytes));
    assert.deepEqual(strainBounds(null, 5e8), { ...usual, loopDelayMs: none, rssBytes: 5e8 });
    assert.deepEqual(strainBounds(null, none), { loopDelayMs: none, rssBytes: none, heapBytes: none });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grows, medianOf, type Point, trendOf } from '../../../bench/soak/trend.ts';
import { SeededRandom } from '../../fault/support/seeded-random.ts';

const noise = (seed: number) => {
  const random = new SeededRandom(seed);
  return () => random.next() - 0.5;
};
const series = (count: number, valueAt: (index: number) => number): Point[] =>
  Array.from({ length: count }, (_, index) => ({ at: 10 * index, value: valueAt(index) }));

describe('a trend', () => {
  it('is the slope of a line, over all of its length', () => {
    const { growth, certainty } = trendOf(series(21, (index) => 5 + 3 * index));
    assert.equal(Math.round(growth), 60);
    assert.ok(certainty > 6);
  });

  it('is not moved by single samples that lie far off', () => {
    const { growth } = trendOf(series(21, (index) => (index % 7 === 3 ? 1_000_000 : 100)));
    assert.equal(growth, 0);
  });

  it('grows if a leak is in much noise, and not if there is none', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const own = noise(seed);
      const leaking = trendOf(series(80, (index) => 50 + index / 4 + 10 * own()));
      assert.ok(grows(leaking, 5), `${JSON.stringify(leaking)} of seed ${seed}`);
      const other = noise(seed);
      const flat = trendOf(series(80, () => 50 + 10 * other()));
      assert.ok(!grows(flat, 5), `${JSON.stringify(flat)} of seed ${seed}`);
    }
  });

  it('does not grow within what is allowed, nor by a few samples that happen to go up', () => {
    const line = trendOf(series(50, (index) => index / 10));
    assert.ok(grows(line, 4));
    assert.ok(!grows(line, 6));
    assert.ok(!grows(trendOf(series(3, (index) => 100 * index)), 4));
  });

  it('goes down as well, and is nothing without samples', () => {
    const { growth, certainty } = trendOf(series(20, (index) => -index));
    assert.ok(growth < -18 && certainty < -5);
    assert.deepEqual(trendOf([]), { growth: 0, certainty: 0 });
    assert.deepEqual(trendOf(series(1, () => 7)), { growth: 0, certainty: 0 });
  });
});

describe('the median', () => {
  it('is in the middle, or between the two that are', () => {
    assert.equal(medianOf([9, 1, 5]), 5);
    assert.equal(medianOf([9, 1, 5, 7]), 6);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figuresOf, findingOf } from '../../../bench/soak/figures.ts';
import { plotOf } from '../../../bench/soak/plot.ts';
import type { Point } from '../../../bench/soak/trend.ts';

const [heap] = figuresOf(3_600);

function linesOf(points: readonly Point[]): string[] {
  assert.ok(heap);
  return plotOf(findingOf(heap, points, 25)).split('\n');
}

describe('a plot', () => {
  it('goes from the least to the greatest value, and marks the warm-up', () => {
    const points = Array.from({ length: 101 }, (_, at) => ({ at, value: 1e6 * (10 + at) }));
    const [name, top = '', ...more] = linesOf(points);
    const [times = '', axis = '', bottom = ''] = more.reverse();
    assert.equal(name, 'heap');
    assert.match(top, /^110\.00 MB │ {50,}[▁-█]+$/);
    assert.match(bottom, /^ 10\.00 MB │▁+[▂-▇]+█+$/);
    assert.match(axis, /^ {10}└·{18}─{54}$/);
    assert.match(times, /^ {11}0 +100 s$/);
  });

  it('of what never changes is a flat line in the middle', () => {
    const lines = linesOf([26, 27, 28].map((at) => ({ at, value: 5e6 })));
    assert.equal(lines.filter((line) => line.includes('█'.repeat(72))).length, 4);
  });
});

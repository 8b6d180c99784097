import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRate } from '../../bench/cases/open-loop.ts';

test('the search for the highest rate finds it within a twentieth, wherever it lies', () => {
  for (const highest of [7, 35, 399, 400, 401, 1_234, 9_999]) {
    let [borne, tooMuch, rate, steps] = [0, Number.POSITIVE_INFINITY, 400, 0];
    for (let next: number | undefined = rate; next !== undefined; next = nextRate(borne, tooMuch)) {
      rate = next;
      steps += 1;
      if (rate <= highest) borne = rate;
      else tooMuch = rate;
    }
    assert.ok(steps <= 14, `${steps} steps`);
    if (highest >= 35) assert.ok(borne <= highest && borne >= 0.9 * highest, `${borne} of ${highest}`);
  }
});

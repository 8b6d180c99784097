import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CellValue, type ColumnKind, filterOf } from '../../../src/web/admin/filter.ts';

function passing(kind: ColumnKind, typed: string, values: readonly CellValue[]): CellValue[] | undefined {
  const filter = filterOf(kind, typed);
  return filter && values.filter(filter);
}

describe('what is typed above a column', () => {
  it('finds a text anywhere in it, in any case and form', () => {
    const names = ['Ada', 'Grace ADAMS', 'Bob', 'ﬁsh', 'Straße', null];
    assert.deepEqual(passing('text', 'ada', names), ['Ada', 'Grace ADAMS']);
    assert.deepEqual(passing('text', ' FISH ', names), ['ﬁsh']);
    assert.deepEqual(passing('text', '.*', names), [], 'it is no pattern');
    assert.deepEqual(passing('text', '-', names), [null]);
    assert.deepEqual(passing('text', '', names), names);
  });

  it('compares numbers', () => {
    const numbers = [0, 1, 2, 5, 6, 1000, null];
    for (const [typed, expected] of [
      ['5', [5]],
      ['=5', [5]],
      ['>5', [6, 1000]],
      ['>= 5', [5, 6, 1000]],
      ['<2', [0, 1]],
      ['<=2', [0, 1, 2]],
      ['1-5', [1, 2, 5]],
      ['1k', [1000]],
      ['0', [0]],
      ['-', [null]],
      ['  ', numbers],
    ] as const) {
      assert.deepEqual(passing('number', typed, numbers), expected, typed);
    }
  });

  it('knows the units of sizes and times', () => {
    assert.deepEqual(passing('bytes', '>1,5k', [1500, 1501, 2_000_000]), [1501, 2_000_000]);
    assert.deepEqual(passing('bytes', '<2MB', [1500, 2_000_000]), [1500]);
    assert.deepEqual(passing('age', '>5m', [300_000, 300_001, 1000]), [300_001]);
    assert.deepEqual(passing('age', '<30', [29_999, 30_000]), [29_999], 'seconds by itself');
    assert.deepEqual(passing('age', '1h-2d', [3_599_999, 3_600_000, 172_800_000]), [3_600_000, 172_800_000]);
    assert.deepEqual(passing('left', '<1d', [86_399_999, 86_400_000, null]), [86_399_999]);
  });

  it('is refused if it cannot be read', () => {
    for (const typed of ['x', '>', '5x', '>5 lions', '5-', '1-x', '--5', '>>5', '5constructor', '1e3', '٥']) {
      assert.equal(filterOf('number', typed), undefined, typed);
    }
    assert.equal(filterOf('age', '5kb'), undefined);
  });
});

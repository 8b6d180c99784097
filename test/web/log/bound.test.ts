import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutTo } from '../../../src/web/log/bound.ts';

test('the log is bounded, for who reads above as for who is at its end [P-3]', () => {
  for (const [isAtEnd, max] of [
    [true, 20_000],
    [false, 40_000],
  ] as const) {
    assert.equal(cutTo(max, isAtEnd), undefined);
    assert.equal(cutTo(max + 1, isAtEnd), max * 0.9);
  }
});

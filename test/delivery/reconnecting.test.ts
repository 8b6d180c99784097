import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconnectMs } from '../../src/delivery/reconnecting.ts';

/** The span in which `count` clients come back, in milliseconds. */
function spread(streams: number, atLeastMs?: number): { least: number; greatest: number; span: number } {
  const all = Array.from({ length: 2_000 }, () => reconnectMs(streams, atLeastMs));
  assert.ok(all.every(Number.isSafeInteger));
  const [least, greatest] = [Math.min(...all), Math.max(...all)];
  return { least, greatest, span: greatest - least };
}

test('clients come back spread over a span that grows with their number, within bounds', () => {
  for (const [streams, spanMs] of [
    [0, 1_000],
    [500, 1_000],
    [4_000, 4_000],
    [100_000, 15_000],
  ] as const) {
    const { least, greatest, span } = spread(streams);
    assert.ok(least >= 2_000 && greatest <= 2_000 + spanMs, `${streams} streams: ${least} to ${greatest} ms`);
    assert.ok(span > 0.9 * spanMs, `${streams} streams: spread over ${span} ms`);
  }
});

test('nobody is asked to come back before it may succeed', () => {
  const { least, greatest } = spread(1, 30_000);
  assert.ok(least >= 30_000 && greatest <= 31_000);
  assert.ok(spread(1, 10).least >= 2_000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopDelayMeter } from '../../src/metrics/loop-delay.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { waitUntil } from '../support/wait-until.ts';

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('the delay of the event loop is measured from the first asking on, and from one to the next', async (t) => {
  const meter = new LoopDelayMeter(new FakeClock());
  t.after(() => meter.stop());
  assert.equal(meter.isMeasuring, false);
  assert.deepEqual(meter.take(), { mean: 0, median: 0, p99: 0, max: 0 });
  let most = 0;
  await waitUntil(async () => {
    // Between two looks of the meter.
    await new Promise((resolve) => setTimeout(resolve, 30));
    block(300);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const { mean, median, p99, max } = meter.take();
    assert.ok(
      mean >= 0 && mean <= p99 + 0.01 && median <= p99 && p99 <= max,
      `${mean} ${median} ${p99} ${max}`,
    );
    most = Math.max(most, p99);
    return most > 200;
  }, 'a delay is seen');
});

test('when nobody has asked for a while, nothing is measured any more', (t) => {
  const clock = new FakeClock();
  const meter = new LoopDelayMeter(clock);
  t.after(() => meter.stop());
  meter.take();
  clock.advance(29_000);
  meter.take();
  clock.advance(29_000);
  assert.equal(meter.isMeasuring, true);
  clock.advance(1_000);
  assert.equal(meter.isMeasuring, false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Activity } from '../../src/core/activity.ts';
import type { Clock } from '../../src/core/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';

const idleMs = 60_000;
const intervalMs = 5_000;

function open() {
  const clock = new FakeClock();
  const activity = new Activity<string>(clock);
  return { clock, activity, idle: () => [...activity.idle(idleMs)] };
}

test('[SES-7] idle items come oldest first, exactly those that were not touched for so long', () => {
  const { clock, activity, idle } = open();
  activity.touch('a');
  activity.touch('b');
  clock.advance(1);
  activity.touch('c');
  activity.touch('a');
  clock.advance(idleMs - 2);
  assert.deepEqual(idle(), []);
  clock.advance(1);
  assert.deepEqual(idle(), ['b']);
  assert.equal(activity.isIdle('b', idleMs), true);
  assert.equal(activity.isIdle('a', idleMs), false);
  clock.advance(1);
  assert.deepEqual(idle(), ['b', 'c', 'a']);
  activity.delete('c');
  assert.deepEqual(idle(), ['b', 'a']);
  assert.equal(activity.isIdle('c', idleMs), false);
});

test('items may be touched and deleted while one looks for idle ones', () => {
  const { clock, activity } = open();
  for (const item of ['a', 'b', 'c']) activity.touch(item);
  clock.advance(idleMs);
  const seen: string[] = [];
  for (const item of activity.idle(idleMs)) {
    seen.push(item);
    if (item === 'a') activity.touch('a');
    if (item === 'b') activity.delete('c');
  }
  assert.deepEqual(seen, ['a', 'b']);
});

test('[SES-7] a step of the wall clock changes nothing', () => {
  const { clock, activity, idle } = open();
  activity.touch('a');
  clock.stepWall(3_600_000);
  assert.deepEqual(idle(), []);
  clock.stepWall(-7_200_000);
  clock.advance(idleMs);
  assert.deepEqual(idle(), ['a']);
});

test('[SES-7] what the process stood still is nobody’s idleness', () => {
  const { clock, activity, idle } = open();
  let ticks = 0;
  activity.start(intervalMs, () => {
    ticks += 1;
  });
  activity.touch('a');
  clock.advance(intervalMs * 2);
  clock.stall(600_000);
  assert.equal(ticks, 3);
  assert.deepEqual(idle(), []);
  // Of the stall, the time to the next tick passed as it would have.
  clock.advance(idleMs - intervalMs * 3 - 1);
  assert.deepEqual(idle(), []);
  clock.advance(1);
  assert.deepEqual(idle(), ['a']);
});

test('[SES-7] who is served between a stall and the tick after it sees the credit already', () => {
  const { clock, activity, idle } = open();
  const seen: string[][] = [];
  // Due at the same time as the tick, but before it: as requests that waited in the kernel.
  clock.after(intervalMs, () => {
    seen.push(idle());
    activity.touch('b');
  });
  activity.start(intervalMs, () => seen.push(idle()));
  activity.touch('a');
  clock.stall(600_000);
  assert.deepEqual(seen, [[], []]);
  clock.advance(idleMs);
  assert.deepEqual(idle(), ['a', 'b']);
});

test('[SES-7] timers that are a little late credit nothing', () => {
  const { clock, activity, idle } = open();
  activity.start(intervalMs, () => {});
  activity.touch('a');
  for (let passed = 0; passed < idleMs; passed += intervalMs) {
    clock.advance(intervalMs - 1);
    clock.stall(1);
  }
  assert.deepEqual(idle(), ['a']);
});

test('[SES-7] idle items are found in any history of touches, stalls and time', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constantFrom('touch', 'delete'), item: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ type: fc.constantFrom('advance', 'stall'), ms: fc.constantFrom(1, 200, 300, 4_900, 20_000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, activity, idle } = open();
      activity.start(intervalMs, () => {});
      const touched = new Map<string, number>();
      for (const one of steps) {
        if ('ms' in one) {
          if (one.type === 'stall') clock.stall(one.ms);
          else clock.advance(one.ms);
        } else {
          activity.delete(one.item);
          touched.delete(one.item);
          if (one.type === 'touch') {
            activity.touch(one.item);
            touched.set(one.item, clock.monotonic());
          }
        }
        const now = clock.monotonic();
        for (const item of idle()) {
          assert.ok(now - (touched.get(item) ?? now) >= idleMs, 'nobody is idle too early');
        }
        // However the credit runs, an order that is not kept would hide one behind another.
        const found = new Set(idle());
        for (const item of touched.keys()) {
          assert.equal(activity.isIdle(item, idleMs), found.has(item));
        }
      }
      clock.advance(idleMs);
      assert.deepEqual(idle(), [...touched.keys()]);
    }),
    { numRuns: 300 },
  );
});

test('[SES-7] nobody hides behind one who was active before a credit set the time back', () => {
  let now = 0;
  const clock: Clock = {
    wall: () => 0,
    monotonic: () => now,
    after: () => ({ cancel: () => {} }),
    every: () => ({ cancel: () => {} }),
  };
  const activity = new Activity<string>(clock);
  activity.start(intervalMs, () => {});
  // The tick is late, at first by what is tolerated.
  now = intervalMs + 200;
  activity.touch('a');
  now = intervalMs + 300;
  activity.touch('b');
  for (; now < intervalMs + idleMs + 1_000; now += 10) {
    const idle = ['a', 'b'].filter((item) => activity.isIdle(item, idleMs));
    assert.deepEqual([...activity.idle(idleMs)], idle, `${now}`);
    activity.start(intervalMs, () => {});
  }
});

test('a stopped timer calls back no more', () => {
  const { clock, activity } = open();
  activity.start(intervalMs, () => assert.fail('called'));
  activity.start(intervalMs, () => assert.fail('called'));
  activity.stop();
  activity.stop();
  assert.equal(clock.pending, 0);
});

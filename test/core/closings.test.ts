import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Closings } from '../../src/core/closings.ts';

function open() {
  const faults: unknown[] = [];
  return { faults, closings: new Closings({ fault: (error) => faults.push(error) }) };
}

test('[SES-1] a closing is known until it is committed', async () => {
  const { closings } = open();
  let commit = (): void => {};
  const closed = closings.close(
    'a',
    () =>
      new Promise((resolve) => {
        commit = resolve;
      }),
  );
  assert.equal(closings.has('a'), true);
  commit();
  await closed;
  assert.equal(closings.has('a'), false);
  assert.equal(closings.size, 0);
});

test('[SES-1] what fails is owed, and each retry tries all that is owed, once at a time', async () => {
  const { closings, faults } = open();
  let isAway = true;
  const tries = { a: 0, b: 0 };
  const commit = (id: 'a' | 'b') => async () => {
    tries[id] += 1;
    if (isAway || id === 'a') throw new Error('away');
  };
  await Promise.all([closings.close('a', commit('a')), closings.close('b', commit('b'))]);
  await Promise.all([closings.retry(), closings.retry()]);
  assert.deepEqual(tries, { a: 2, b: 2 });
  assert.equal(faults.length, 4);
  isAway = false;
  await closings.retry();
  assert.deepEqual([closings.has('a'), closings.has('b')], [true, false]);
  await closings.retry();
  assert.deepEqual(tries, { a: 4, b: 3 });
});

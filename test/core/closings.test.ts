import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Closings } from '../../src/core/closings.ts';

interface Ended {
  readonly sessionId: string;
  readonly tokenHash: string;
}

function open() {
  const faults: unknown[] = [];
  return { faults, closings: new Closings<Ended>({ fault: (error) => faults.push(error) }) };
}

function ended(sessionId: string): Ended {
  return { sessionId, tokenHash: `hash of ${sessionId}` };
}

test('[SES-1] a closing is known until it is committed', async () => {
  const { closings } = open();
  let commit = (): void => {};
  const closed = closings.close(
    ended('a'),
    () =>
      new Promise((resolve) => {
        commit = resolve;
      }),
  );
  assert.deepEqual([closings.has('a'), closings.find('hash of a')], [true, ended('a')]);
  let isSettled = false;
  const settled = closings.settle('a').then(() => {
    isSettled = true;
  });
  await new Promise(setImmediate);
  assert.equal(isSettled, false, 'who asks again waits for the one that runs');
  commit();
  await Promise.all([closed, settled]);
  assert.deepEqual([closings.has('a'), closings.find('hash of a')], [false, undefined]);
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
  await Promise.all([closings.close(ended('a'), commit('a')), closings.close(ended('b'), commit('b'))]);
  await Promise.all([closings.retry(), closings.retry()]);
  assert.deepEqual(tries, { a: 2, b: 2 });
  assert.equal(faults.length, 4);
  isAway = false;
  await closings.retry();
  assert.deepEqual([closings.has('a'), closings.has('b')], [true, false]);
  await closings.retry();
  assert.deepEqual(tries, { a: 4, b: 3 });
});

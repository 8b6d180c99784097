import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedQueue } from '../../src/auth/bounded-queue.ts';
import { patient, refusalOf } from '../contract/authenticator-contract.ts';

/** Work that goes on until it is told to end. */
function setUp() {
  const queue = new BoundedQueue({ atOnce: 2, waiting: 3 });
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string, patience = patient) =>
    queue.run(() => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error ? reject(error) : resolve(name)));
      });
    }, patience);
  return { begun, ends, work };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('[P-3] two are worked on at once, some wait in their order, and more are refused', async () => {
  const { begun, ends, work } = setUp();
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => work(name));
  assert.equal((await refusalOf(work('f'))).code, 'unavailable');
  assert.deepEqual(begun, ['a', 'b']);
  ends.get('b')?.();
  assert.equal(await all[1], 'b');
  await turns();
  assert.deepEqual(begun, ['a', 'b', 'c']);
  const late = work('g');
  for (const name of ['a', 'c', 'd', 'e', 'g']) {
    ends.get(name)?.();
    await turns();
  }
  assert.deepEqual(await Promise.all([...all, late]), ['a', 'b', 'c', 'd', 'e', 'g']);
});

test('work that fails frees its place', async () => {
  const { begun, ends, work } = setUp();
  const all = ['a', 'b', 'c'].map((name) => work(name));
  await turns();
  ends.get('a')?.(new Error('broken'));
  await assert.rejects(all[0] ?? Promise.resolve(), /broken/);
  await turns();
  assert.deepEqual(begun, ['a', 'b', 'c']);
  for (const name of ['b', 'c']) ends.get(name)?.();
  await Promise.all(all.slice(1));
});

test('what nobody wants any more when its turn comes is not begun', async () => {
  const { begun, ends, work } = setUp();
  const [a, b] = [work('a'), work('b')];
  const impatience = new AbortController();
  const given = refusalOf(work('c', impatience.signal));
  const next = work('d');
  impatience.abort();
  await turns();
  ends.get('a')?.();
  assert.equal((await given).code, 'unavailable');
  await turns();
  assert.deepEqual(begun, ['a', 'b', 'd']);
  for (const name of ['b', 'd']) ends.get(name)?.();
  assert.deepEqual(await Promise.all([a, b, next]), ['a', 'b', 'd']);
});

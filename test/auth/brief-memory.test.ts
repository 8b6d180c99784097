import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BriefMemory } from '../../src/auth/brief-memory.ts';
import { FakeClock } from '../support/fake-clock.ts';

function setUp(max = 100) {
  const clock = new FakeClock();
  const memory = new BriefMemory<number>(clock, 1_000, max);
  let asked = 0;
  const ask = (key: string) => memory.get(key, async () => ++asked);
  return { clock, memory, ask, asked: () => asked };
}

test('who asks the same within the time, or at once, asks once; others ask for themselves', async () => {
  const { clock, ask } = setUp();
  assert.deepEqual(await Promise.all([ask('a'), ask('a'), ask('b')]), [1, 1, 2]);
  clock.advance(999);
  assert.equal(await ask('a'), 1);
  clock.advance(1);
  assert.equal(await ask('a'), 3);
});

test('an answer counts from its question on, however long it took', async () => {
  const clock = new FakeClock();
  const memory = new BriefMemory<string>(clock, 1_000, 100);
  let resolve: (answer: string) => void = () => {};
  const slow = memory.get('a', () => new Promise((done) => (resolve = done)));
  clock.advance(1_000);
  assert.equal(await memory.get('a', async () => 'new'), 'new');
  resolve('old');
  assert.equal(await slow, 'old');
});

test('a failure is remembered as long', async () => {
  const { clock } = setUp();
  const memory = new BriefMemory<string>(clock, 1_000, 100);
  const failing = memory.get('a', () => Promise.reject(new Error('no')));
  await assert.rejects(failing, /no/);
  await assert.rejects(
    memory.get('a', async () => 'fine'),
    /no/,
  );
  clock.advance(1_000);
  assert.equal(await memory.get('a', async () => 'fine'), 'fine');
});

test('[P-3] what is remembered is bounded, and what is old is forgotten', async () => {
  const { clock, memory, ask, asked } = setUp(3);
  for (const key of ['a', 'b', 'c', 'd']) await ask(key);
  assert.equal(memory.size, 3);
  await ask('d');
  assert.equal(asked(), 4);
  await ask('a');
  assert.equal(asked(), 5);
  clock.advance(1_000);
  await ask('e');
  assert.equal(memory.size, 1);
});

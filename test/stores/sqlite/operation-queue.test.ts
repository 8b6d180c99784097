import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperationQueue } from '../../../src/stores/sqlite/operation-queue.ts';
import { refused } from '../../support/domain.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const room = 'lobby';
const noBugs: ReadonlyMap<number, string> = new Map();
const overdueMs = 5_000;
const maxBatch = 512;

function setUp() {
  const clock = new FakeClock();
  const queue = new OperationQueue(clock);
  const settled: string[] = [];
  const watch = (what: string, answer: Promise<unknown>) => {
    answer.then(
      (value) => settled.push(`${what}: ${JSON.stringify(value)}`),
      (error) => settled.push(`${what}: ${error.code ?? 'bug'} ${error.message}`),
    );
    return answer;
  };
  return {
    clock,
    queue,
    settled,
    say: (what: string) => watch(what, queue.add('append', { room, drafts: [] })),
    find: (what: string) => watch(what, queue.add('find', { room, tokenHash: what })),
    load: (what: string) => watch(what, queue.add('load', { room })),
    start: (isAway = false) => queue.start(isAway).map(({ name }) => name),
  };
}

/** Lets those go on whose promises are settled. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what waits is one transaction, in the order of the calls, and is answered in it', async () => {
  const { queue, settled, say, find, start } = setUp();
  assert.deepEqual([queue.isEmpty, queue.isRunning], [true, false]);
  void say('a');
  void find('b');
  void say('c');
  assert.deepEqual(start(), ['append', 'find', 'append']);
  assert.deepEqual([queue.isEmpty, queue.isRunning], [true, true]);
  void say('next');
  assert.equal(queue.isEmpty, false);
  assert.deepEqual(queue.answer([1, 2, 3], noBugs), []);
  await turn();
  assert.deepEqual(settled, ['a: 1', 'b: 2', 'c: 3']);
  assert.deepEqual(start(), ['append']);
});

test('a caller’s own step is taken before the next one is answered', async () => {
  const { queue, start } = setUp();
  const order: string[] = [];
  const first = queue.add('load', { room }, () => order.push('step'));
  void first.then(() => order.push('answered'));
  start();
  queue.answer([undefined], noBugs);
  assert.deepEqual(order, ['step']);
  await turn();
  assert.deepEqual(order, ['step', 'answered']);
});

test(`a load is a transaction of its own, and no transaction has more than ${maxBatch} operations`, () => {
  const { queue, say, load, start } = setUp();
  void say('a');
  void load('b');
  void load('c');
  for (let count = 0; count <= maxBatch; count++) void say(`${count}`);
  const lengths: number[] = [];
  while (!queue.isEmpty) {
    const operations = start();
    lengths.push(operations.length);
    queue.answer(operations, noBugs);
  }
  assert.deepEqual(lengths, [1, 1, 1, maxBatch, 1]);
});

test('while the store is away, reads and writes share no transaction', () => {
  const { queue, say, find, start } = setUp();
  const batches: string[][] = [];
  for (const step of [find, find, say, say, find]) void step('x').catch(() => {});
  while (!queue.isEmpty) {
    const operations = start(true);
    batches.push(operations);
    queue.answer(operations, noBugs);
  }
  assert.deepEqual(batches, [['find', 'find'], ['append', 'append'], ['find']]);
});

test('of a transaction that failed the writes are refused, and the reads are first in the next one', async () => {
  const { queue, settled, say, find, start } = setUp();
  void say('a').catch(() => {});
  void find('b');
  start();
  void say('c');
  queue.refuse();
  assert.equal(queue.isRunning, false);
  await turn();
  assert.deepEqual(settled, ['a: unavailable The store cannot write at the moment.']);
  assert.deepEqual(start(), ['find', 'append']);
  queue.answer([1, 2], noBugs);
  await turn();
  assert.deepEqual(settled.slice(1), ['b: 1', 'c: 2']);
});

test('reads that failed by themselves are refused: they do not run for ever', async () => {
  const { queue, find, start } = setUp();
  const found = find('a');
  start();
  queue.refuse();
  await assert.rejects(found, refused('unavailable'));
  assert.equal(queue.isEmpty, true);
});

test('who runs into a bug is told, and the others of the transaction have their answers', async () => {
  const { queue, settled, say, start } = setUp();
  void say('a');
  void say('b').catch(() => {});
  void say('c');
  start();
  assert.deepEqual(queue.answer([1, undefined, 3], new Map([[1, 'a TypeError']])), []);
  await turn();
  assert.deepEqual(settled, ['a: 1', 'b: bug a TypeError', 'c: 3']);
});

test('what is overdue is refused, with all of its transaction; what it becomes is for nobody', async () => {
  const { clock, queue, settled, say, load, start } = setUp();
  const late = 'unavailable The store does not answer at the moment.';
  void say('a').catch(() => {});
  clock.advance(1_000);
  void say('b').catch(() => {});
  start();
  void load('c').catch(() => {});
  clock.advance(overdueMs - 1_001);
  assert.equal(queue.rejectOverdue(), false);
  clock.advance(1);
  assert.equal(queue.rejectOverdue(), true, 'the transaction under way hangs');
  await turn();
  assert.deepEqual(settled, [`a: ${late}`, `b: ${late}`]);
  assert.equal(queue.isRunning, true, 'nobody knows yet whether it takes effect');
  const unheard = queue.answer([1, undefined], new Map([[1, 'a bug']]));
  assert.deepEqual(
    unheard.map(({ operation, bug }) => [operation.name, bug]),
    [
      ['append', undefined],
      ['append', 'a bug'],
    ],
  );
  clock.advance(1_000);
  assert.equal(queue.rejectOverdue(), false, 'only what waits is overdue');
  await turn();
  assert.deepEqual(settled.slice(2), [`c: ${late}`]);
  assert.equal(queue.isEmpty, true);
});

test('a transaction that is overdue and then fails runs no part of itself again', () => {
  const { clock, queue, say, find, start } = setUp();
  void say('a').catch(() => {});
  void find('b').catch(() => {});
  start();
  clock.advance(overdueMs);
  queue.rejectOverdue();
  queue.refuse();
  assert.deepEqual([queue.isEmpty, queue.isRunning], [true, false]);
});

test('at the end everybody is refused with the reason, who runs and who waits, each once', async () => {
  const { queue, settled, say, start } = setUp();
  void say('a').catch(() => {});
  start();
  void say('b').catch(() => {});
  queue.rejectAll('The database is damaged.');
  queue.rejectAll('Something else.');
  await turn();
  const why = 'unavailable The database is damaged.';
  assert.deepEqual(settled, [`a: ${why}`, `b: ${why}`]);
  assert.deepEqual([queue.isEmpty, queue.isRunning], [true, false]);
});

test('a room is let go however long that has to wait', async () => {
  const { clock, queue, say, settled, start } = setUp();
  void say('slow');
  start();
  queue.add('unload', { room }).catch(() => {});
  void say('later');
  clock.advance(2 * overdueMs);
  queue.rejectOverdue();
  await turn();
  assert.equal(settled.length, 2, 'whoever waits is told');
  queue.answer([undefined], noBugs);
  assert.deepEqual(start(), ['unload']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventOrder } from '../../src/web/event-order.ts';

const ids = (items: readonly { id: number }[]) => items.map(({ id }) => id);
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ id: from + i }));

test('LOG-1: whatever the order and however often events come, each is given out once and in order', () => {
  const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 200 });
  fc.assert(
    fc.property(arrivals, (order) => {
      const log = new EventOrder();
      const shown = ids([...log.fill(range(1, 3)), ...order.flatMap((id) => log.offer({ id }))]);
      const rest = ids(range(1, 30).flatMap((item) => log.offer(item)));
      assert.deepEqual([...shown, ...rest], ids(range(1, 30)));
    }),
  );
});

test('events that arrive before the page of history wait for it and follow on it', () => {
  const log = new EventOrder();
  log.hold();
  assert.deepEqual(log.offer({ id: 8 }), []);
  assert.deepEqual(log.offer({ id: 7 }), []);
  assert.equal(log.missing, 0);
  assert.deepEqual(ids(log.fill(range(4, 6))), [4, 5, 6, 7, 8]);
});

test('a page of history that overlaps with what waits doubles nothing', () => {
  const log = new EventOrder();
  log.hold();
  for (const item of range(5, 9)) log.offer(item);
  assert.deepEqual(ids(log.fill(range(3, 7))), ids(range(3, 9)));
  assert.deepEqual(log.offer({ id: 7 }), []);
});

test('a hole is counted, filled, or given up', () => {
  const log = new EventOrder();
  log.fill([{ id: 10 }]);
  assert.deepEqual(log.offer({ id: 14 }), []);
  assert.equal(log.missing, 3);
  assert.deepEqual(ids(log.offer({ id: 11 })), [11]);
  assert.equal(log.missing, 2);
  assert.deepEqual(ids(log.skip()), [14]);
  assert.equal(log.missing, 0);
  assert.deepEqual(ids(log.offer({ id: 15 })), [15]);
});

test('after a told gap the log goes on at whatever comes, also with lower ids', () => {
  const log = new EventOrder();
  log.fill(range(100, 102));
  log.offer({ id: 104 });
  log.restart();
  assert.deepEqual(ids(log.offer({ id: 2 })), [2]);
  assert.equal(log.missing, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeNotice, Notices } from '../../src/core/notices.ts';

test('at most 16 notices wait, and the oldest go', () => {
  const notices = new Notices();
  assert.equal(notices.isEmpty, true);
  for (let i = 0; i < 20; i++) notices.add(String(i));
  assert.equal(notices.isEmpty, false);
  assert.deepEqual(
    notices.take(),
    Array.from({ length: 16 }, (_, i) => String(i + 4)),
  );
  assert.equal(notices.isEmpty, true);
  assert.deepEqual(notices.take(), []);
});

test('a notice is whatever JSON can say, and no more than 16,384 characters of it', () => {
  assert.equal(encodeNotice({ text: 'a\nb\u2028' }), '{"text":"a\\nb\u2028"}');
  assert.equal(encodeNotice(null), 'null');
  assert.equal(encodeNotice('x'.repeat(16_382)).length, 16_384);
  assert.throws(() => encodeNotice('x'.repeat(16_383)), RangeError);
  const circle: unknown[] = [];
  circle.push(circle);
  for (const data of [undefined, () => 1, 1n, circle]) assert.throws(() => encodeNotice(data), TypeError);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyedRateLimit, TokenBucket } from '../../src/core/rate-limit.ts';
import { perWindow, refused } from '../support/domain.ts';

const limit = perWindow('SEND_LIMIT', 20, 10);

test('a bucket gives so many at once, then one by one as the window passes', () => {
  const bucket = new TokenBucket(limit, 0);
  for (let i = 0; i < 20; i++) assert.equal(bucket.take(limit, 0), 0);
  assert.equal(bucket.take(limit, 0), 500);
  assert.equal(bucket.take(limit, 499), 1);
  assert.equal(bucket.take(limit, 500), 0);
  assert.equal(bucket.take(limit, 500), 500);
});

test('a bucket is full again after a window, and holds no more than that', () => {
  const bucket = new TokenBucket(limit, 0);
  for (let i = 0; i < 20; i++) bucket.take(limit, 0);
  assert.equal(bucket.isFull(limit, 9_999), false);
  assert.equal(bucket.isFull(limit, 10_000), true);
  for (let i = 0; i < 20; i++) assert.equal(bucket.take(limit, 1e9), 0);
  assert.notEqual(bucket.take(limit, 1e9), 0);
});

test('what is given back may be taken again, and never makes more than the limit', () => {
  const bucket = new TokenBucket(perWindow('X', 1, 10), 0);
  bucket.take(perWindow('X', 1, 10), 0);
  bucket.giveBack(perWindow('X', 1, 10));
  bucket.giveBack(perWindow('X', 1, 10));
  assert.equal(bucket.take(perWindow('X', 1, 10), 0), 0);
  assert.notEqual(bucket.take(perWindow('X', 1, 10), 0), 0);
});

test('whoever waits as long as he is told is let in, and in no window there are more than twice the limit', () => {
  const count = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(count, fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(3000)), (size, seconds, pauses) => {
      const rule = perWindow('X', size, seconds);
      const bucket = new TokenBucket(rule, 0);
      const taken: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        const waitMs = bucket.take(rule, now);
        if (waitMs > 0) {
          now += waitMs;
          assert.equal(bucket.take(rule, now), 0);
        }
        taken.push(now);
        const recent = taken.filter((at) => at > now - seconds * 1000).length;
        assert.ok(recent <= 2 * size, `${recent}`);
      }
    }),
  );
});

test('a refusal names the limit and says when to come back', () => {
  const addresses = new KeyedRateLimit(perWindow('CREATE_LIMIT', 2, 60));
  addresses.take('a', 0);
  addresses.take('a', 0);
  assert.throws(() => addresses.take('a', 1000), {
    code: 'rate-limited',
    message: 'CREATE_LIMIT allows 2 per 60 s. Try again in 29 s.',
    extras: { limit: perWindow('CREATE_LIMIT', 2, 60), retryAfterMs: 29_000 },
  });
  addresses.take('b', 0);
});

test('a limit that is lifted refuses nobody', () => {
  const addresses = new KeyedRateLimit(null);
  for (let i = 0; i < 1000; i++) addresses.take('a', 0);
  addresses.sweep(0);
});

test('a check takes nothing, and refuses as take does', () => {
  const addresses = new KeyedRateLimit(perWindow('X', 1, 10));
  for (let i = 0; i < 100; i++) addresses.check('a', 0);
  addresses.take('a', 0);
  assert.throws(() => addresses.check('a', 4_000), {
    code: 'rate-limited',
    extras: { retryAfterMs: 6_000, limit: perWindow('X', 1, 10) },
  });
  addresses.check('a', 10_000);
  addresses.check('b', 0);
  new KeyedRateLimit(null).check('a', 0);
});

test('[P-3] what is charged beyond the limit is owed, a bucketful at most', () => {
  const addresses = new KeyedRateLimit(perWindow('X', 10, 10));
  for (let i = 0; i < 15; i++) addresses.charge('a', 0);
  assert.throws(() => addresses.check('a', 5_900), refused('rate-limited'));
  addresses.check('a', 6_000);
  for (let i = 0; i < 1_000; i++) addresses.charge('b', 0);
  assert.throws(() => addresses.take('b', 10_900), refused('rate-limited'));
  addresses.take('b', 11_000);
  new KeyedRateLimit(null).charge('a', 0);
});

test('[P-3] a sweep forgets nobody who is still over the limit', () => {
  const addresses = new KeyedRateLimit(perWindow('X', 1, 10));
  addresses.take('a', 0);
  addresses.take('b', 5_000);
  addresses.sweep(9_999);
  assert.throws(() => addresses.take('a', 9_999), refused('rate-limited'));
  addresses.sweep(14_000);
  assert.throws(() => addresses.take('b', 14_000), refused('rate-limited'));
  addresses.take('a', 14_000);
});

test('[P-3] beyond 100,000 keys the least recently used one is forgotten', () => {
  const addresses = new KeyedRateLimit(perWindow('X', 1, 10));
  addresses.take('first', 0);
  addresses.take('second', 0);
  assert.throws(() => addresses.take('first', 0), refused('rate-limited'));
  for (let i = 0; i < 99_999; i++) addresses.take(`${i}`, 0);
  assert.throws(() => addresses.take('first', 0), refused('rate-limited'));
  addresses.take('second', 0);
});

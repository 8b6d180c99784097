import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RedisTime } from '../../../src/stores/redis/redis-time.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('the latest of what Redis says of the time counts, unless its clock was set', () => {
  const clock = new FakeClock();
  const time = new RedisTime(clock);
  assert.equal(time.wall(), clock.wall(), 'nothing is known of it yet');
  const noon = 43_200_000;
  time.note(noon);
  clock.advance(500);
  assert.equal(time.wall(), noon + 500);
  time.note(noon + 100);
  assert.equal(time.wall(), noon + 500, 'an answer that was late');
  time.note(noon + 520);
  assert.equal(time.wall(), noon + 520);
  time.note(noon - 3_600_000);
  assert.equal(time.wall(), noon - 3_600_000);
});

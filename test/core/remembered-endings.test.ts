import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endingOf } from '../../src/core/endings.ts';
import { RememberedEndings } from '../../src/core/remembered-endings.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('[P-3] the latest 10,000 endings are remembered', () => {
  const endings = new RememberedEndings(new FakeClock(), 60_000);
  for (let i = 0; i <= 10_000; i++) endings.add(`${i}`, endingOf('destroyed'));
  assert.equal(endings.size, 10_000);
  assert.equal(endings.get('0'), undefined);
  assert.equal(endings.get('1')?.reason, 'destroyed');
  assert.equal(endings.get('10000')?.reason, 'destroyed');
});

test('endings are forgotten when they are old, oldest first', () => {
  const clock = new FakeClock();
  const endings = new RememberedEndings(clock, 60_000);
  endings.add('a', endingOf('expired'));
  clock.advance(30_000);
  endings.add('b', endingOf('removed'));
  clock.advance(29_999);
  endings.sweep();
  assert.equal(endings.get('a')?.reason, 'expired');
  clock.advance(1);
  endings.sweep();
  assert.equal(endings.get('a'), undefined);
  assert.equal(endings.get('b')?.reason, 'removed');
});

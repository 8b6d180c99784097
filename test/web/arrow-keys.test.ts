import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledTo } from '../../src/web/arrow-keys.ts';

const things = ['a', 'b', 'c'];

test('arrow keys lead from one to the next, and stay at the ends', () => {
  assert.equal(ledTo('ArrowDown', things, 0), 'b');
  assert.equal(ledTo('ArrowDown', things, 2), 'c');
  assert.equal(ledTo('ArrowUp', things, 2), 'b');
  assert.equal(ledTo('ArrowUp', things, 0), 'a');
  assert.equal(ledTo('Home', things, 2), 'a');
  assert.equal(ledTo('End', things, 0), 'c');
});

test('from outside they lead in, and other keys lead nowhere', () => {
  assert.equal(ledTo('ArrowDown', things, -1), 'a');
  assert.equal(ledTo('ArrowUp', things, -1), 'a');
  assert.equal(ledTo('Enter', things, 0), undefined);
  assert.equal(ledTo('Home', [], -1), undefined);
  assert.equal(ledTo('ArrowDown', [], -1), undefined);
});

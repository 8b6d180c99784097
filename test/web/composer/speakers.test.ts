import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Speakers } from '../../../src/web/composer/speakers.ts';

test('the last speakers come first, then the others by name, then those who are gone, and oneself last', () => {
  const speakers = new Speakers();
  for (const name of ['Carl', 'Gone', 'Bob', 'Me', 'Carl']) speakers.said(name);
  assert.deepEqual(speakers.order(['Zed', 'Me', 'Ada', 'Bob', 'Carl'], 'Me'), [
    'Carl',
    'Bob',
    'Ada',
    'Zed',
    'Gone',
    'Me',
  ]);
});

test('of very many speakers, those who spoke longest ago are forgotten', () => {
  const speakers = new Speakers();
  for (let i = 0; i < 2000; i++) speakers.said(`n${i}`);
  const order = speakers.order([], 'Me');
  assert.equal(order.length, 501);
  assert.equal(order[0], 'n1999');
});

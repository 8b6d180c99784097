import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Roster } from '../../src/web/roster.ts';
import { came, said, went } from './support/fake-api.ts';

test('SES-2: join and leave are set operations on what init told', () => {
  const roster = new Roster();
  roster.reset(['Ada', 'Bob']);
  assert.equal(roster.apply(came(5, 'Ada')), true);
  assert.equal(roster.apply(went(6, 'Bob')), true);
  assert.equal(roster.apply(said(7, 'Ada', 'hello')), false);
  assert.equal(roster.apply(came(8, '__proto__')), true);
  assert.deepEqual(roster.names, ['Ada', '__proto__']);
});

test('an event that comes twice changes nothing, and a new roster counts anew', () => {
  const roster = new Roster();
  roster.apply(came(5, 'Ada'));
  roster.apply(went(6, 'Ada'));
  assert.equal(roster.apply(came(5, 'Ada')), false);
  assert.deepEqual(roster.names, []);
  roster.reset([]);
  assert.equal(roster.apply(came(1, 'Ada')), true);
});

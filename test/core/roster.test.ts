import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Roster } from '../../src/core/roster.ts';
import { entry, message } from '../support/events.ts';

test('[SES-2] a roster is a fold of joins and leaves, in order of joining', () => {
  const roster = new Roster(['Ada']);
  const apply = (id: number, type: 'join' | 'leave', name: string) =>
    roster.apply(entry(id, { type, name }).event);
  apply(1, 'join', 'Bob');
  apply(2, 'join', '__proto__');
  roster.apply(entry(3, message('hello', 'Cleo')).event);
  apply(4, 'leave', 'Ada');
  assert.deepEqual(roster.names(), ['Bob', '__proto__']);
  assert.equal(roster.size, 2);
  assert.equal(roster.has('Bob'), true);
  assert.equal(roster.has('constructor'), false);
});

test('[SES-2] join and leave are operations on a set', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c'))), (steps) => {
      const roster = new Roster();
      const model = new Set<string>();
      steps.forEach(([isJoin, name], i) => {
        roster.apply(entry(i + 1, { type: isJoin ? 'join' : 'leave', name }).event);
        if (isJoin) model.add(name);
        else model.delete(name);
        assert.deepEqual(JSON.parse(roster.toJson()), [...model]);
      });
    }),
  );
});

test('[LOG-6] a roster is encoded once per position', (t) => {
  const roster = new Roster(['Ada']);
  const stringify = t.mock.method(JSON, 'stringify');
  roster.toJson();
  roster.toJson();
  roster.apply({ id: 1, type: 'message', timestamp: 1, name: 'Ada', message: 'hello' });
  roster.toJson();
  assert.equal(stringify.mock.callCount(), 1);
  roster.apply({ id: 2, type: 'join', timestamp: 1, name: 'Bob' });
  assert.equal(roster.toJson(), '["Ada","Bob"]');
  assert.equal(stringify.mock.callCount(), 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Newcomers, newForMs } from '../../../src/web/roster/newcomers.ts';

/** Inside as Me, with Ada here before. */
function inside(): Newcomers {
  const newcomers = new Newcomers();
  newcomers.update(['Ada'], 'Me', 0);
  newcomers.update(['Ada', 'Bob'], 'Me', 10);
  newcomers.update(['Ada', 'Bob', 'Me'], 'Me', 20);
  return newcomers;
}

test('who was here before oneself is not new, and neither is oneself', () => {
  assert.deepEqual([...inside().names(30)], []);
  assert.equal(inside().nextChangeMs(30), undefined);
});

test('who came after oneself is new for two minutes', () => {
  const newcomers = inside();
  newcomers.update(['Ada', 'Bob', 'Me', 'Carl'], 'Me', 1000);
  newcomers.update(['Ada', 'Bob', 'Me', 'Carl', 'Dora'], 'Me', 2000);
  assert.deepEqual([...newcomers.names(3000)], ['Carl', 'Dora']);
  assert.equal(newcomers.nextChangeMs(3000), newForMs - 2000);
  assert.deepEqual([...newcomers.names(1000 + newForMs)], ['Dora']);
  assert.deepEqual([...newcomers.names(2000 + newForMs)], []);
});

test('who leaves and comes back within that time is not new again', () => {
  const newcomers = inside();
  newcomers.update(['Bob', 'Me'], 'Me', 1000);
  newcomers.update(['Ada', 'Bob', 'Me'], 'Me', 2000);
  assert.deepEqual([...newcomers.names(2000)], []);
  newcomers.update(['Bob', 'Me'], 'Me', 3000);
  newcomers.update(['Ada', 'Bob', 'Me'], 'Me', 3000 + newForMs);
  assert.deepEqual([...newcomers.names(3000 + newForMs)], ['Ada']);
});

test('somebody who comes and goes all the time keeps nobody else from being forgotten [P-3]', () => {
  const newcomers = inside();
  newcomers.update(['Bob', 'Me'], 'Me', 1000);
  newcomers.update(['Ada', 'Bob', 'Me'], 'Me', 2000);
  newcomers.update(['Ada', 'Me'], 'Me', 3000);
  newcomers.update(['Me'], 'Me', newForMs);
  newcomers.update(['Ada', 'Me'], 'Me', newForMs + 1000);
  newcomers.update(['Ada', 'Bob', 'Me'], 'Me', newForMs + 4000);
  assert.deepEqual([...newcomers.names(newForMs + 4000)], ['Bob'], 'away for longer than two minutes');
});

test('after a restart that emptied the room, or under another name, nobody is new who was found here', () => {
  const newcomers = inside();
  newcomers.update([], 'Me', 1000);
  newcomers.update(['Carl'], 'Me', 2000);
  newcomers.update(['Carl', 'Me'], 'Me', 3000);
  assert.deepEqual([...newcomers.names(3000)], []);
  newcomers.update(['Carl', 'You', 'Dora'], 'You', 4000);
  assert.deepEqual([...newcomers.names(4000)], []);
});

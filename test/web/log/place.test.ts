import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochOf, idOf, isAfter, isCursor, placed, targetOf } from '../../../src/web/log/place.ts';

test('LOG-2: a cursor is an epoch and an id; the epoch may have hyphens in it', () => {
  assert.deepEqual([epochOf('7f3a-42'), idOf('7f3a-42')], ['7f3a', 42]);
  assert.deepEqual([epochOf('a-b-7'), idOf('a-b-7')], ['a-b', 7]);
  assert.equal(epochOf(''), '');
});

test('what stands after what is known within an epoch, and nowhere else', () => {
  assert.equal(isAfter('e-10', 'e-9'), true);
  assert.equal(isAfter('e-9', 'e-9'), false);
  assert.equal(isAfter('e-9', 'e-10'), false);
  assert.equal(isAfter('f-10', 'e-9'), false);
  assert.equal(isAfter('e-10', ''), false);
});

test('a fragment that is no cursor is not looked for', () => {
  for (const cursor of ['7f3a-42', 'a-b-7', `${'e'.repeat(60)}-123`])
    assert.equal(isCursor(cursor), true, cursor);
  for (const other of ['', '42', '-42', 'e-', 'e-x', 'top', 'e--1-', 'ä-1', `${'e'.repeat(63)}-1`, 'e-1 ']) {
    assert.equal(isCursor(other), false, other);
  }
});

test('events that can be shown have a place each, in the epoch of what is near', () => {
  const events = [
    { id: 1, type: 'join', timestamp: 0, name: 'Ada' },
    { id: 2, type: 'of-a-newer-server', timestamp: 0 },
    { id: 3, type: 'message', timestamp: 0, name: 'Ada', message: 'x' },
  ];
  assert.deepEqual(
    placed(events, 'e-9').map(({ cursor }) => cursor),
    ['e-1', 'e-3'],
  );
});

test('a redaction leads to what it takes the text of', () => {
  const [redaction, message] = placed(
    [
      { id: 5, type: 'redaction', timestamp: 0, target: 3 },
      { id: 6, type: 'message', timestamp: 0 },
    ] as Parameters<typeof placed>[0],
    'a-b-9',
  );
  assert.equal(redaction && targetOf(redaction), 'a-b-3');
  assert.equal(message && targetOf(message), undefined);
});

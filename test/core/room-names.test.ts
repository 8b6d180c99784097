import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRoomName, reservedRoomNames, roomNamePattern } from '../../src/core/room-names.ts';

test('a room name is 1–32 characters of a–z, 0–9 and inner hyphens', () => {
  for (const name of ['a', '7', 'lobby', 'tea-room', 'a--b', 'x'.repeat(32), 'constructor']) {
    assert.equal(isRoomName(name), true, name);
  }
  const wrong = [
    '',
    '-',
    '-a',
    'a-',
    'Lobby',
    'tea room',
    'tea_room',
    'é',
    'a.b',
    'a/b',
    'a\n',
    'x'.repeat(33),
  ];
  for (const name of wrong) assert.equal(isRoomName(name), false, JSON.stringify(name));
});

test('a word of the server’s own addresses is no room name', () => {
  assert.ok(reservedRoomNames.size > 0);
  for (const word of reservedRoomNames) {
    assert.match(word, roomNamePattern, 'or it need not be reserved');
    assert.equal(isRoomName(word), false, word);
  }
});

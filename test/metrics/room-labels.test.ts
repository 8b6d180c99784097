import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRoomName } from '../../src/core/room-names.ts';
import { maxNamedRooms, maxNamesEver, otherRooms, RoomLabels } from '../../src/metrics/room-labels.ts';

const sizes = (count: number, from = 0) =>
  new Map(Array.from({ length: count }, (_, index): [string, number] => [`r${from + index}`, from + index]));

test('the largest rooms have figures of their own, and all others one label that no room can have', () => {
  const labels = new RoomLabels([]);
  labels.update(sizes(500));
  assert.equal([...labels.named].length, maxNamedRooms);
  assert.deepEqual([labels.of('r499'), labels.of('r450'), labels.of('r449')], ['r499', 'r450', otherRooms]);
  assert.equal(isRoomName(otherRooms), false);
});

test('a room that is named stays named while it is there, whoever grows past it', () => {
  const labels = new RoomLabels([]);
  labels.update(sizes(maxNamedRooms));
  labels.update(new Map([...sizes(maxNamedRooms), ['giant', 10_000]]));
  assert.deepEqual([labels.of('r0'), labels.of('giant')], ['r0', otherRooms]);
  const left = sizes(maxNamedRooms - 1, 1);
  labels.update(new Map([...left, ['giant', 10_000]]));
  assert.deepEqual([labels.of('r0'), labels.of('giant')], [otherRooms, 'giant']);
});

test('a configured room is always named, in memory or not', () => {
  const labels = new RoomLabels(['lobby']);
  labels.update(sizes(500));
  assert.equal(labels.of('lobby'), 'lobby');
  assert.equal([...labels.named].length, maxNamedRooms);
});

test('[P-3] whoever opens one room after the other makes no more names than a bound', () => {
  const labels = new RoomLabels(['lobby']);
  const ever = new Set<string>();
  for (let round = 0; round < 100; round++) {
    labels.update(sizes(maxNamedRooms, round * maxNamedRooms));
    for (const name of labels.named) ever.add(name);
  }
  assert.equal(ever.size, maxNamesEver);
  // Who had one has it again.
  labels.update(sizes(1, 1));
  assert.deepEqual([...labels.named], ['lobby', 'r1']);
});

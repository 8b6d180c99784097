import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatRoomEvent } from '../../../src/client/wire.ts';
import type { Placed } from '../../../src/web/log/place.ts';
import { Reading } from '../../../src/web/log/reading.ts';

const message = (id: number, name: string, text = 'x', epoch = 'e'): Placed => ({
  cursor: `${epoch}-${id}`,
  event: { id, type: 'message', timestamp: id, name, message: text } satisfies ChatRoomEvent,
});
const join = (id: number, name: string): Placed => ({
  cursor: `e-${id}`,
  event: { id, type: 'join', timestamp: id, name },
});
const announcement = (id: number, text = 'x'): Placed => ({
  cursor: `e-${id}`,
  event: { id, type: 'announcement', timestamp: id, message: text },
});
const redaction = (id: number, target: number): Placed => ({
  cursor: `e-${id}`,
  event: { id, type: 'redaction', timestamp: id, target },
});
const redacted = (entry: Placed): Placed => ({
  ...entry,
  event: { ...entry.event, message: '', redacted: true } as ChatRoomEvent,
});

/** Ada, who looks at the end of the log, unless something else was kept. */
function reading(read = '', entries: readonly Placed[] = []) {
  const keepsake = { read };
  const it = new Reading(keepsake);
  it.begin('Ada', entries);
  const state = () => [it.unread, it.mentions, it.divider];
  return { it, keepsake, state };
}

test('what comes while one looks at the end is read, and kept as read', () => {
  const { it, keepsake, state } = reading();
  it.setAtEnd(true);
  it.append([message(1, 'Bob', 'hello Ada'), join(2, 'Cy')]);
  assert.deepEqual(state(), [0, 0, undefined]);
  assert.equal(keepsake.read, 'e-2');
});

test('what others say while one looks elsewhere is unread, and the divider stands before the first of it', () => {
  for (const away of ['scrolled up', 'hidden']) {
    const { it, keepsake, state } = reading();
    it.setAtEnd(true);
    it.append([message(1, 'Bob')]);
    if (away === 'hidden') it.setPresent(false);
    else it.setAtEnd(false);
    it.append([join(2, 'Cy'), message(3, 'Bob'), message(4, 'Cy', 'and @ada?')]);
    assert.deepEqual(state(), [2, 1, 'e-3']);
    assert.equal(keepsake.read, 'e-1');
    if (away === 'hidden') it.setPresent(true);
    else it.setAtEnd(true);
    assert.deepEqual(state(), [0, 0, 'e-3'], 'it is read, and still shown where it began');
    assert.equal(keepsake.read, 'e-4');
  }
});

test('the divider goes when one has seen what is after it and speaks or goes away, not before', () => {
  const { it, state } = reading();
  it.setAtEnd(true);
  it.setPresent(false);
  it.append([message(1, 'Bob')]);
  it.setPresent(true);
  it.append([message(2, 'Bob')]);
  assert.deepEqual(state(), [0, 0, 'e-1']);
  it.setPresent(false);
  assert.deepEqual(state(), [0, 0, undefined]);
  it.append([message(3, 'Bob')]);
  it.setPresent(true);
  it.append([message(4, 'Ada')]);
  assert.deepEqual(state(), [0, 0, undefined]);
});

test('a divider that was seen moves to what comes next while one looks elsewhere; one that was not stays', () => {
  const { it, state } = reading();
  it.setAtEnd(true);
  it.setAtEnd(false);
  it.append([message(1, 'Bob')]);
  it.append([message(2, 'Bob')]);
  assert.deepEqual(state(), [2, 0, 'e-1']);
  it.setAtEnd(true);
  it.setAtEnd(false);
  it.append([message(3, 'Bob')]);
  assert.deepEqual(state(), [1, 0, 'e-3']);
});

test('a return goes on where one had stopped, back to pages that are shown later', () => {
  const { it, keepsake, state } = reading('e-2', [message(5, 'Bob'), message(6, 'Bob', 'Ada!')]);
  assert.deepEqual(state(), [2, 1, 'e-5']);
  it.prepend([message(1, 'Bob'), message(2, 'Bob'), message(3, 'Cy'), message(4, 'Bob')]);
  assert.deepEqual(state(), [4, 1, 'e-3']);
  it.prepend([message(0, 'Bob')]);
  assert.deepEqual(state(), [4, 1, 'e-3']);
  it.setAtEnd(true);
  assert.deepEqual(state(), [0, 0, 'e-3']);
  assert.equal(keepsake.read, 'e-6');
});

test('one has read what was said before one spoke oneself, wherever that was', () => {
  const { it, state } = reading('e-1', [message(2, 'Bob'), message(3, 'Ada'), message(4, 'Bob')]);
  assert.deepEqual(state(), [1, 0, 'e-4']);
  it.prepend([message(1, 'Bob')]);
  assert.deepEqual(state(), [1, 0, 'e-4']);
});

test('nothing is unread where nothing was read before, or in a room that began anew', () => {
  assert.deepEqual(reading('', [message(1, 'Bob')]).state(), [0, 0, undefined]);
  assert.deepEqual(reading('old-1', [message(2, 'Bob')]).state(), [0, 0, undefined]);
});

test('what another tab of the browser has read is read here as well, whichever hears of it first', () => {
  const { it, keepsake, state } = reading();
  it.setAtEnd(true);
  it.setPresent(false);
  it.append([message(1, 'Bob'), message(2, 'Bob')]);
  keepsake.read = 'e-1';
  it.catchUp();
  assert.deepEqual(state(), [2, 0, 'e-1'], 'it has not read all of it yet');
  keepsake.read = 'e-3';
  it.catchUp();
  assert.deepEqual(state(), [0, 0, undefined]);
  it.append([message(3, 'Bob')]);
  assert.deepEqual(state(), [0, 0, undefined]);
  it.append([message(4, 'Bob')]);
  assert.deepEqual(state(), [1, 0, 'e-4']);
  keepsake.read = 'other-9';
  it.catchUp();
  assert.deepEqual(state(), [1, 0, 'e-4'], 'that is another log');
});

test('a change is told once for all that came together, and only if there is one', () => {
  const { it } = reading();
  let told = 0;
  it.onChange(() => {
    told += 1;
  });
  it.append([message(1, 'Bob'), message(2, 'Bob')]);
  assert.equal(told, 1);
  it.append([join(3, 'Cy')]);
  assert.equal(told, 1);
  it.setAtEnd(true);
  it.setAtEnd(true);
  assert.equal(told, 2);
});

test('an announcement is to be read as a message is, and may speak to oneself', () => {
  const { it, state } = reading('e-1', [announcement(2), announcement(3, 'Ada, come')]);
  assert.deepEqual(state(), [2, 1, 'e-2']);
  it.append([announcement(4)]);
  assert.deepEqual(state(), [3, 1, 'e-2']);
});

test('LOG-4: what is redacted is not to be read any more, and there is nothing new if it was all', () => {
  const { it, state } = reading();
  it.append([message(1, 'Bob', 'Ada!'), message(2, 'Bob')]);
  it.append([redaction(3, 1)]);
  assert.deepEqual(state(), [1, 0, 'e-1'], 'what was said keeps its place, and so does the divider');
  it.append([redaction(4, 1), redaction(5, 2)]);
  assert.deepEqual(state(), [0, 0, undefined]);
  it.append([message(6, 'Bob')]);
  assert.deepEqual(state(), [1, 0, 'e-6']);
});

test('LOG-4: what was read is no news when it is redacted, nor is what came without its text', () => {
  const { it, state } = reading('e-1', [redacted(message(2, 'Bob')), redacted(announcement(3))]);
  assert.deepEqual(state(), [0, 0, undefined]);
  it.prepend([redacted(message(1, 'Bob'))]);
  it.append([message(4, 'Bob')]);
  it.setAtEnd(true);
  it.append([redaction(5, 4)]);
  assert.deepEqual(state(), [0, 0, 'e-4']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from '../../src/core/event-log.ts';
import { encodeEvent, eventOf } from '../../src/core/events.ts';
import { readingJson } from '../../src/delivery/reading-json.ts';

const all = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const event = (id: number, text: string) =>
  encodeEvent(eventOf(id, 1_000 + id, { type: 'message', name: 'Ada', message: text }));

function logOf(kept: number, texts: readonly string[]): EventLog {
  const limits = { events: kept, bytes: Number.POSITIVE_INFINITY, ageMs: Number.POSITIVE_INFINITY };
  const events = texts.map((text, index) => event(index + 1, text));
  return new EventLog({ epoch: '7f3a', baseId: 0, users: ['Zoë "Z"'], events }, limits);
}

test('a page is the events, the cursor after them and whether there are more', () => {
  const log = logOf(10, ['one', '"two"\n']);
  assert.deepEqual(JSON.parse(readingJson(log.since('start', { events: 1, bytes: 1_000 }))), {
    events: [{ id: 1, type: 'message', timestamp: 1001, name: 'Ada', message: 'one' }],
    cursor: '7f3a-1',
    more: true,
  });
  assert.deepEqual(JSON.parse(readingJson(log.since({ epoch: '7f3a', id: 1 }, all))), {
    events: [{ id: 2, type: 'message', timestamp: 1002, name: 'Ada', message: '"two"\n' }],
    cursor: '7f3a-2',
    more: false,
  });
});

test('an empty page is short', () => {
  const log = logOf(10, []);
  assert.equal(readingJson(log.since('start', all)), '{"events":[],"cursor":"7f3a-0","more":false}');
});

test('[LOG-5] after a gap it also tells how many are lost and who was there', () => {
  const log = logOf(1, ['one', 'two', 'three']);
  const page = JSON.parse(readingJson(log.since({ epoch: '7f3a', id: 0 }, all)));
  assert.equal(page.lost, 2);
  assert.deepEqual(page.users, ['Zoë "Z"']);
  assert.deepEqual(
    page.events.map(({ id }: { id: number }) => id),
    [3],
  );
  assert.equal(JSON.parse(readingJson(log.since({ epoch: 'other', id: 2 }, all))).lost, null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continues, isSameDay } from '../../src/web/grouping.ts';
import { randomId } from '../../src/web/random-id.ts';
import { backoffMs } from '../../src/web/schedule.ts';
import type { ChatRoomEvent } from '../../src/web/wire.ts';
import { parseEvent } from '../../src/web/wire.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('a random id is a UUID, also where the page came over plain HTTP', (t) => {
  assert.match(randomId(), uuid);
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  t.after(() => Reflect.deleteProperty(crypto, 'randomUUID'));
  const made = new Set(Array.from({ length: 100 }, randomId));
  assert.equal(made.size, 100);
  for (const id of made) assert.match(id, uuid);
});

test('backoff is full jitter between the floor and a bound that doubles up to 30 s', () => {
  assert.equal(backoffMs(1, 0), 0);
  assert.equal(backoffMs(1, 0.5), 1000);
  assert.equal(backoffMs(3, 0.5), 4000);
  assert.equal(backoffMs(1000, 1), 30_000);
  assert.equal(backoffMs(1, 0.5, 2417), 3417);
});

const at = (timestamp: number, name = 'Ada'): ChatRoomEvent => ({
  id: 1,
  type: 'message',
  timestamp,
  name,
  message: 'x',
});

test('a message continues the one before if the same person wrote it shortly before, on the same day', () => {
  const noon = new Date(2025, 10, 21, 12).getTime();
  const midnight = new Date(2025, 10, 22).getTime();
  assert.equal(continues(at(noon), at(noon + 60_000)), true);
  assert.equal(continues(at(noon), at(noon + 600_000)), false);
  assert.equal(continues(at(noon), at(noon, 'Bob')), false);
  assert.equal(continues(undefined, at(noon)), false);
  assert.equal(continues({ id: 1, type: 'join', timestamp: noon, name: 'Ada' }, at(noon)), false);
  assert.equal(continues(at(midnight - 1), at(midnight)), false);
  assert.equal(isSameDay(midnight, midnight + 1), true);
});

test('what is no event is not read as one', () => {
  for (const text of ['', 'null', '{}', '{"id":"1","type":"join"}', '{"id":1}', '{"id":1.5,"type":"join"}']) {
    assert.equal(parseEvent(text), undefined, text);
  }
  assert.equal(parseEvent('{"id":1,"type":"news of tomorrow"}')?.id, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomId } from '../../src/client/random-id.ts';
import { backoffMs, realSchedule } from '../../src/client/schedule.ts';
import { eventOf, parseJson } from '../../src/client/wire.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('a random id is a UUID, also where the page came over plain HTTP', (t) => {
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  t.after(() => Reflect.deleteProperty(crypto, 'randomUUID'));
  const made = new Set(Array.from({ length: 100 }, randomId));
  assert.equal(made.size, 100);
  for (const id of made) assert.match(id, uuid);
});

test('backoff is full jitter between the floor and a bound that doubles up to 30 s', () => {
  const chance = (random: number) => ({ ...realSchedule, random: () => random });
  assert.equal(backoffMs(chance(0), 1), 0);
  assert.equal(backoffMs(chance(0.5), 1), 1000);
  assert.equal(backoffMs(chance(0.5), 3), 4000);
  assert.equal(backoffMs(chance(1), 2000), 30_000);
  assert.equal(backoffMs(chance(0.5), 1, 2417), 3417);
  assert.equal(backoffMs(chance(0.5), 0, 2417), 2917);
});

test('what is no event is not read as one', () => {
  for (const text of ['', 'null', '{}', '{"id":"1","type":"join"}', '{"id":1}', '{"id":1.5,"type":"join"}']) {
    assert.equal(eventOf(parseJson(text)), undefined, text);
  }
  assert.equal(eventOf(parseJson('{"id":1,"type":"news of tomorrow"}'))?.id, 1);
});

test('real sleep ends with its time or its signal, whichever is first', async () => {
  await realSchedule.sleep(1, new AbortController().signal);
  const ended = new AbortController();
  const asleep = realSchedule.sleep(1e12, ended.signal);
  ended.abort();
  await asleep;
  await realSchedule.sleep(1e12, ended.signal);
});

test('real time does not go back when the clock is set back: nobody waits for it to come there again', (t) => {
  const clock = t.mock.method(Date, 'now', () => 5_000_000);
  const before = realSchedule.now();
  clock.mock.mockImplementation(() => 1_000_000);
  assert.equal(realSchedule.now(), before);
  clock.mock.mockImplementation(() => 1_000_700);
  assert.equal(realSchedule.now(), before + 700);
});

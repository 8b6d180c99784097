import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../src/web/api.ts';
import { maxOutbox, Outbox, type Outgoing } from '../../src/web/outbox.ts';
import { FakeApi, ok, refused, said, unreachable } from './support/fake-api.ts';
import { FakeSchedule, settle } from './support/fake-schedule.ts';

function setUp(kept: readonly Outgoing[] = []) {
  const api = new FakeApi();
  const schedule = new FakeSchedule();
  const seen = { lost: [] as Problem[], refused: [] as string[], takesBack: true };
  const outbox = new Outbox(
    api,
    schedule,
    {
      changed: () => {},
      refused: ({ text }) => {
        seen.refused.push(text);
        return seen.takesBack;
      },
      sessionLost: (problem) => seen.lost.push(problem),
    },
    kept,
  );
  outbox.sessionIs('s1');
  outbox.open();
  const states = () => outbox.messages.map(({ text, state }) => `${text} ${state}`);
  const keys = () => api.sent.map(({ key }) => key);
  return { api, schedule, outbox, seen, states, keys };
}

test('messages go out one after the other, in the order they were written, each with its own key', async () => {
  const { api, outbox, states, keys } = setUp();
  let answer: (id: number) => void = () => {};
  api.sendAnswer = () =>
    new Promise((resolve) => {
      answer = (id) => resolve(ok({ id }, 201));
    });
  outbox.add('one');
  outbox.add('two');
  await settle();
  assert.deepEqual(
    api.sent.map(({ message }) => message),
    ['one'],
  );
  answer(11);
  await settle();
  assert.deepEqual(
    api.sent.map(({ message }) => message),
    ['one', 'two'],
  );
  assert.deepEqual(states(), ['one sent', 'two waiting']);
  assert.equal(new Set(keys()).size, 2);
});

test('a message stays until the log shows it under its key and the own name', async () => {
  const { api, outbox, keys } = setUp();
  api.sendAnswer = async () => ok({ id: 11 }, 201);
  outbox.add('one');
  await settle();
  const [key] = keys();
  outbox.seen([said(9, 'Eve', 'one', key)], 'Ada');
  outbox.seen([said(10, 'Ada', 'one')], 'Ada');
  assert.equal(outbox.messages.length, 1);
  outbox.seen([said(11, 'Ada', 'one', key)], 'Ada');
  assert.equal(outbox.messages.length, 0);
});

test('it is hurried past a wait, but not out of being closed', async () => {
  const { api, schedule, outbox, keys, states } = setUp();
  api.sendAnswer = async () => refused(503, 'unavailable', { retryAfterMs: 30_000 });
  outbox.add('one');
  await schedule.advance(20_000);
  assert.equal(keys().length, 1, 'no sooner than the server says');
  outbox.close();
  outbox.hurry();
  await schedule.advance(60_000);
  assert.equal(keys().length, 1);
  outbox.open();
  await settle();
  assert.equal(keys().length, 2);
  api.sendAnswer = async () => ok({ id: 11 });
  outbox.hurry();
  await settle();
  assert.deepEqual([keys().length, new Set(keys()).size, ...states()], [3, 1, 'one sent']);
});

test('a lost answer and 503 mean unknown: the same key is tried again until it is answered', async () => {
  const { api, schedule, outbox, keys, states } = setUp();
  outbox.add('one');
  await schedule.advance(2000);
  api.sendAnswer = async () => refused(503, 'unavailable', { retryAfterMs: 5000 });
  await schedule.advance(10_000);
  api.sendAnswer = async () => ok({ id: 11 });
  await schedule.advance(60_000);
  assert.ok(keys().length >= 4, `${keys().length} tries`);
  assert.equal(new Set(keys()).size, 1);
  assert.deepEqual(states(), ['one sent']);
});

test('opening again does not wait for the end of a backoff', async () => {
  const { api, outbox, schedule } = setUp();
  outbox.add('one');
  await schedule.advance(30_000);
  const before = api.sent.length;
  outbox.open();
  await settle();
  assert.equal(api.sent.length, before + 1);
});

test('a refused text goes back to the user, or stays as failed if he writes something else', async () => {
  const { api, outbox, seen, states } = setUp();
  api.sendAnswer = async () => refused(422, 'invalid-message');
  outbox.add('too long');
  await settle();
  assert.deepEqual(seen.refused, ['too long']);
  assert.deepEqual(states(), []);
  seen.takesBack = false;
  outbox.add('again too long');
  await settle();
  assert.deepEqual(states(), ['again too long failed']);
  assert.equal(outbox.messages[0]?.detail, 'detail of invalid-message');
});

test('after a 429 the same message waits as long as the server asks, and the next ones go no faster', async () => {
  const { api, schedule, outbox } = setUp();
  api.sendAnswer = async () => refused(429, 'rate-limited', { retryAfterMs: 4000 });
  outbox.add('one');
  outbox.add('two');
  await schedule.advance(3999);
  assert.equal(api.sent.length, 1);
  let id = 0;
  api.sendAnswer = async () => ok({ id: ++id }, 201);
  await schedule.advance(1);
  assert.equal(api.sent.length, 2);
  await schedule.advance(3999);
  assert.equal(api.sent.length, 2);
  await schedule.advance(1);
  assert.deepEqual(
    api.sent.map(({ message }) => message),
    ['one', 'one', 'two'],
  );
});

test('a message refused because the session is gone is certain not to have arrived', async () => {
  const { api, outbox, seen, states } = setUp();
  api.sendAnswer = async () => refused(410, 'session-gone');
  outbox.add('one');
  await settle();
  assert.equal(seen.lost.length, 1);
  outbox.sessionIs('s2');
  assert.deepEqual(states(), ['one waiting']);
});

test('P-2: what was tried in a lost session is sent again only if the log, read to its head, has it not', async () => {
  const { api, schedule, outbox, states, keys } = setUp();
  outbox.add('arrived');
  await schedule.advance(100);
  outbox.close();
  await schedule.advance(5000);
  outbox.add('new');
  outbox.sessionIs('s2');
  outbox.open();
  api.sendAnswer = async () => ok({ id: 50 }, 201);
  await schedule.advance(10_000);
  assert.deepEqual(states(), ['arrived unsure', 'new waiting']);
  const [key] = keys();
  outbox.seen([said(40, 'Ada', 'arrived', key)], 'Ada');
  outbox.settle();
  await settle();
  assert.deepEqual(states(), ['new sent']);
  assert.equal(api.sent.filter(({ message }) => message === 'new').length, 1);
});

test('what was tried in a lost session and may lie in a gap is left to the user', async () => {
  const { schedule, outbox, states } = setUp();
  outbox.add('one');
  await schedule.advance(100);
  outbox.sessionIs('s2');
  outbox.gap(true, 'It may have arrived.');
  assert.deepEqual(states(), ['one failed']);
  outbox.retry(outbox.messages[0]?.key ?? '');
  assert.deepEqual(states(), ['one waiting']);
});

test('an acknowledged message in a gap is not waited for', async () => {
  const { api, outbox, states } = setUp();
  api.sendAnswer = async () => ok({ id: 11 }, 201);
  outbox.add('one');
  await settle();
  outbox.seen([said(30, 'Bob', 'after the gap')], 'Ada');
  assert.deepEqual(states(), []);
  outbox.add('two');
  await settle();
  assert.deepEqual(states(), [], 'its id lies before the head of the log');
});

test('a reload asks again with the same key for what was acknowledged and not shown', async () => {
  const kept: Outgoing[] = [{ key: 'k1', text: 'one', state: 'sent', triedIn: 's1', id: 11 }];
  const { api, keys, states } = setUp(kept);
  api.sendAnswer = async () => ok({ id: 11 });
  await settle();
  assert.deepEqual(keys(), ['k1']);
  assert.deepEqual(states(), ['one waiting']);
});

test('the outbox is bounded', async () => {
  const { api, outbox } = setUp();
  api.sendAnswer = async () => unreachable;
  for (let i = 0; i < maxOutbox; i++) assert.equal(outbox.add(`${i}`), true);
  assert.equal(outbox.add('one too many'), false);
  assert.equal(outbox.messages.length, maxOutbox);
});

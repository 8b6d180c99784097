import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxOutbox } from '../../src/client/bounds.ts';
import { Outbox } from '../../src/client/outbox.ts';
import type { Outgoing } from '../../src/client/outgoing.ts';
import { type Problem, ProblemError, type Result } from '../../src/client/problem.ts';
import { Keepsakes } from '../../src/client/storage.ts';
import { came, FakeApi, ok, page, refused, said, session, unreachable, went } from './support/fake-api.ts';
import { FakeSchedule, settle } from './support/fake-schedule.ts';

const trial = (sessionId: string, cursor = 'e-5') => ({ sessionId, name: 'Ada', cursor });
const sent = (id: number) => ok({ id, timestamp: id });

function setUp(before: readonly Outgoing[] = [], current = trial('s1'), api = new FakeApi()) {
  const schedule = new FakeSchedule();
  const lost: Problem[] = [];
  const room = new Keepsakes(undefined, 'lobby');
  room.set('outbox', JSON.stringify(before));
  const outbox = new Outbox(
    api,
    schedule,
    room,
    () => current,
    () => {},
    (problem) => lost.push(problem),
  );
  outbox.restore();
  const sessionIs = (sessionId: string, cursor?: string) => {
    current = trial(sessionId, cursor);
  };
  outbox.open();
  const kept = (): Outgoing[] => JSON.parse(room.get('outbox'));
  const states = () => outbox.messages.map(({ text, state }) => `${text} ${state}`);
  const keys = () => api.sent.map(({ key }) => key);
  const [firstKey, add] = [() => outbox.messages[0]?.key ?? '', (text: string) => outbox.add(text)];
  return { api, schedule, outbox, sessionIs, lost, states, keys, firstKey, kept, add };
}

function codeOf(error: unknown): string {
  return error instanceof ProblemError ? error.problem.code : String(error);
}

test('messages go out one after the other, in the order they were written, each with its own key', async () => {
  const { api, outbox, states, keys } = setUp();
  let answer: (id: number) => void = () => {};
  api.sendAnswer = () =>
    new Promise((resolve) => {
      answer = (id) => resolve(sent(id));
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
  api.sendAnswer = async () => sent(11);
  outbox.add('one');
  await settle();
  const [key] = keys();
  outbox.seen([said(9, 'Eve', 'one', key)]);
  outbox.seen([said(10, 'Ada', 'one')]);
  assert.equal(outbox.messages.length, 1);
  outbox.seen([said(11, 'Ada', 'one', key)]);
  assert.equal(outbox.messages.length, 0);
});

test('who waits for a message learns its place in the log, by the answer or by the log', async () => {
  const { api, outbox, keys } = setUp();
  api.sendAnswer = async () => sent(11);
  assert.deepEqual(await outbox.add('one'), { id: 11, timestamp: 11 });
  api.sendAnswer = () => new Promise(() => {});
  const second = outbox.add('two');
  await settle();
  outbox.seen([said(12, 'Ada', 'two', keys()[1])]);
  assert.deepEqual(await second, { id: 12, timestamp: 12 });
});

test('a lost answer and 503 mean unknown: the same key is tried again until it is answered', async () => {
  const { api, schedule, outbox, keys, states } = setUp();
  outbox.add('one');
  await schedule.advance(2000);
  api.sendAnswer = async () => refused(503, 'unavailable', { retryAfterMs: 5000 });
  await schedule.advance(10_000);
  api.sendAnswer = async () => sent(11);
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

test('a refused text fails, is no hindrance to others, and can be sent again or dropped', async () => {
  const { api, outbox, states, firstKey } = setUp();
  api.sendAnswer = async (text) => (text === 'no' ? refused(422, 'invalid-message') : sent(11));
  const refusal = outbox.add('no').catch(codeOf);
  outbox.add('yes');
  await settle();
  assert.equal(await refusal, 'invalid-message');
  assert.deepEqual(states(), ['no failed', 'yes sent']);
  assert.equal(outbox.messages[0]?.problem?.detail, 'detail of invalid-message');
  outbox.retry(firstKey());
  await settle();
  assert.equal(api.sent.length, 3);
  assert.equal(api.sent[2]?.key, api.sent[0]?.key);
  outbox.discard(firstKey());
  assert.deepEqual(states(), ['yes sent']);
});

test('after a 429 the same message waits as long as the server asks, and the next ones go no faster', async () => {
  const { api, schedule, outbox } = setUp();
  api.sendAnswer = async () => refused(429, 'rate-limited', { retryAfterMs: 4000 });
  outbox.add('one');
  outbox.add('two');
  await schedule.advance(3999);
  assert.equal(api.sent.length, 1);
  let id = 0;
  api.sendAnswer = async () => sent(++id);
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
  const { api, outbox, sessionIs, lost, states } = setUp();
  api.sendAnswer = async () => refused(410, 'session-gone');
  outbox.add('one');
  await settle();
  assert.equal(lost.length, 1);
  sessionIs('s2');
  api.sendAnswer = async () => sent(11);
  outbox.open();
  await settle();
  assert.deepEqual(api.takeAsked(), [], 'the log need not be asked');
  assert.deepEqual(states(), ['one sent']);
});

/** One message of which nobody knows whether it arrived, in a session that is no more. */
async function unsure() {
  const parts = setUp();
  const answer = parts.outbox.add('one').catch(codeOf);
  parts.outbox.add('new');
  await parts.schedule.advance(100);
  parts.outbox.close();
  await parts.schedule.advance(5000);
  parts.sessionIs('s2', 'e-9');
  parts.api.sendAnswer = async () => sent(50);
  const texts = () => parts.api.sent.splice(0).map(({ message }) => message);
  texts();
  return { ...parts, answer, key: parts.firstKey(), texts };
}

test('P-2: what was tried in a lost session is sent again only if the log, read to its head, has it not', async () => {
  const arrived = await unsure();
  arrived.api.historyAnswer = async (_side, cursor) =>
    cursor === 'e-5'
      ? page([went(6, 'Ada')], 'e-6', true)
      : page([said(7, 'Ada', 'one', arrived.key)], 'e-7');
  arrived.outbox.open();
  await settle();
  assert.deepEqual(
    arrived.api.takeAsked(),
    ['history after e-5', 'history after e-6'],
    'from where it was tried',
  );
  assert.deepEqual(arrived.texts(), ['new']);
  assert.deepEqual(await arrived.answer, { id: 7, timestamp: 7 });

  const vanished = await unsure();
  vanished.api.historyAnswer = async () => page([went(6, 'Ada'), said(7, 'Eve', 'one', vanished.key)], 'e-7');
  vanished.outbox.open();
  await settle();
  assert.deepEqual(vanished.texts(), ['one', 'new'], 'in the order they were written');
});

test('the log is asked until it answers, and nothing is sent before', async () => {
  const { api, schedule, outbox, texts } = await unsure();
  api.historyAnswer = async () => refused(503, 'unavailable', { retryAfterMs: 9000 });
  outbox.open();
  await schedule.advance(8_900);
  assert.deepEqual(api.takeAsked(), ['history after e-5']);
  api.historyAnswer = async () => page([], 'e-5');
  await schedule.advance(3_000);
  assert.deepEqual(texts(), ['one', 'new']);
});

test('what was tried in a lost session and may lie in a gap is left to the user', async () => {
  const { api, outbox, answer, key, states, texts } = await unsure();
  api.historyAnswer = async () => ok({ events: [], cursor: 'e-30', more: false, lost: 3, users: [] });
  outbox.open();
  await settle();
  assert.equal(await answer, 'maybe-sent');
  assert.deepEqual(states(), ['one failed', 'new sent']);
  texts();
  outbox.retry(key);
  await settle();
  assert.deepEqual(texts(), ['one'], 'he has decided');
});

test('what may be in a log that may not be read is left to the user too', async () => {
  const { api, outbox, answer } = await unsure();
  api.historyAnswer = async () => refused(403, 'permission-denied');
  outbox.open();
  await settle();
  assert.equal(await answer, 'maybe-sent');
});

test('what was lost with its epoch is sent again: nobody can have it', async () => {
  const { api, outbox, texts } = await unsure();
  api.historyAnswer = async () => ok({ events: [came(1, 'Ada')], cursor: 'f-1', more: false, lost: null });
  outbox.open();
  await settle();
  assert.deepEqual(texts(), ['one', 'new']);
});

test('a late answer about a session that is no more does not end the new one', async () => {
  const { api, outbox, sessionIs, lost, states } = setUp();
  let answer: (result: Result<never>) => void = () => {};
  api.sendAnswer = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  outbox.add('one');
  await settle();
  sessionIs('s2');
  api.sendAnswer = async () => sent(11);
  answer(refused(410, 'session-gone'));
  await settle();
  assert.deepEqual(lost, []);
  assert.deepEqual(states(), ['one sent']);
});

test('an acknowledged message in a gap is not waited for', async () => {
  const { api, outbox, states } = setUp();
  api.sendAnswer = async () => sent(11);
  outbox.add('one');
  await settle();
  outbox.seen([said(30, 'Bob', 'after the gap')]);
  assert.deepEqual(states(), []);
  outbox.add('two');
  await settle();
  assert.deepEqual(states(), [], 'its id lies before the head of the log');
  outbox.seen([]);
  api.sendAnswer = async () => sent(40);
  outbox.add('three');
  await settle();
  outbox.gap();
  assert.deepEqual(states(), []);
});

test('at the end whoever waits is told; what was not sent is left to the user', async () => {
  const { api, outbox, sessionIs, states, firstKey } = setUp();
  const answer = outbox.add('one').catch(codeOf);
  await settle();
  outbox.end({ status: 0, code: 'ended', detail: '' });
  assert.equal(await answer, 'ended');
  assert.deepEqual(states(), ['one failed']);
  sessionIs('s1');
  api.sendAnswer = async () => sent(11);
  outbox.retry(firstKey());
  outbox.open();
  await settle();
  assert.deepEqual(states(), ['one sent']);
});

test('a reload asks again with the same key for what was acknowledged and not shown', async () => {
  const kept: Outgoing[] = [{ key: 'k1', text: 'one', state: 'sent', tried: trial('s1'), id: 11 }];
  const { api, keys, states } = setUp(kept);
  api.sendAnswer = async () => sent(11);
  await settle();
  assert.deepEqual(keys(), ['k1']);
  assert.deepEqual(states(), ['one sent']);
});

test('P-2: a message is not tried again in a session that another tab has brought unnoticed', async () => {
  const { api, schedule, lost, states, add } = setUp();
  void add('one');
  await settle();
  assert.equal(api.sent.length, 1, 'its answer was lost');
  api.sessionAnswer = async () => session('s2');
  await schedule.advance(5000);
  assert.equal(api.sent.length, 1);
  assert.deepEqual(
    lost.map(({ status, reason }) => [status, reason]),
    [[410, 'destroyed']],
    'the client looks which session it is in',
  );
  assert.deepEqual(states(), ['one waiting']);
});

test('P-2: what a copy of this tab has sent is not sent again in a later session', async () => {
  const first = setUp();
  first.outbox.close();
  void first.add('written while cut off');
  const api = new FakeApi();
  api.historyAnswer = async (side, cursor) => {
    assert.deepEqual([side, cursor], ['after', 'e-5']);
    return page([said(7, 'Ada', 'written while cut off', first.firstKey())], 'e-9');
  };
  const { outbox, kept } = setUp(first.kept(), trial('s2', 'e-9'), api);
  await settle();
  assert.deepEqual([api.sent, outbox.messages, kept()], [[], [], []]);
});

test('the outbox is bounded', async () => {
  const { api, outbox, add } = setUp();
  api.sendAnswer = async () => unreachable;
  for (let i = 0; i < maxOutbox; i++) void add(`${i}`);
  assert.equal(await add('one too many').catch(codeOf), 'outbox-full');
  assert.equal(outbox.messages.length, maxOutbox);
});

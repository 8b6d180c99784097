import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Follower } from '../../../src/client/follower.ts';
import type { Result } from '../../../src/client/problem.ts';
import type { Updates } from '../../../src/client/wire.ts';
import { Listening } from '../../../src/web/tabs/listening.ts';
import type { Status } from '../../../src/web/tabs/talk.ts';
import { FakeApi, ok, refused, said, unreachable } from '../../client/support/fake-api.ts';
import { FakeSchedule, settle } from '../../client/support/fake-schedule.ts';

const page = (first: number, last: number): Updates => ({
  events: Array.from({ length: last - first + 1 }, (_, i) => said(first + i, 'Bob', 'x')),
  cursor: `e-${last}`,
  more: false,
});
const status = (state: Status['state'], detail: Status['detail'] = {}) =>
  ({ type: 'status', status: { state, detail, isStoreAway: false } }) as const;

/** A tab that stands at e-5; what it asks for is answered by hand. */
function setUp() {
  const api = new FakeApi();
  const schedule = new FakeSchedule();
  const answers: ((answer: Result<Updates>) => void)[] = [];
  api.updates = () => new Promise((resolve) => answers.push(resolve));
  const ids: number[] = [];
  const notices: unknown[] = [];
  const states: string[] = [];
  const endings: (string | undefined)[] = [];
  const sink = new Follower(
    'e-5',
    [],
    (type, ...news) => {
      const [told] = news as unknown[];
      if (type === 'events') ids.push(...(told as { id: number }[]).map(({ id }) => id));
      if (type === 'notice') notices.push(told);
      if (type === 'state') states.push(String(told));
    },
    () => {},
    () => listening.again(),
  );
  const listening: Listening = new Listening(api, sink, schedule, ({ reason }) => endings.push(reason));
  const answer = async (result: Result<Updates>) => {
    answers.shift()?.(result);
    await settle();
  };
  return { api, schedule, listening, ids, notices, states, endings, answer, sink };
}

test('who stands where the leader stands takes what is told, without asking', () => {
  const { api, listening, ids, states } = setUp();
  listening.hear('e-5', status('live'));
  listening.hear('e-5', { type: 'page', page: page(6, 7) });
  assert.deepEqual([ids, states, api.asked], [[6, 7], ['live'], []]);
});

test('who stands elsewhere reads the log, and then takes what came meanwhile', async () => {
  const { api, listening, ids, states, answer } = setUp();
  listening.hear('e-8', status('live'));
  listening.hear('e-8', { type: 'page', page: page(9, 9) });
  listening.hear('e-9', { type: 'page', page: page(10, 11) });
  assert.deepEqual([ids, states], [[], []]);
  // The head that was read lies in the midst of what came.
  await answer(ok(page(6, 10)));
  assert.deepEqual([ids, states], [[6, 7, 8, 9, 10, 11], ['live']]);
  assert.deepEqual(api.asked, ['getUpdates e-5 0']);
});

test('what the leader is told for this browser alone is told here too, wherever the tab stands', async () => {
  const { listening, notices, ids, answer } = setUp();
  listening.hear('e-8', status('live'));
  listening.hear('e-8', { type: 'page', page: { ...page(9, 8), notices: ['one'] } });
  await answer(ok(page(6, 9)));
  assert.deepEqual([ids, notices], [[6, 7, 8, 9], ['one']]);
  listening.hear('e-9', { type: 'page', page: { ...page(10, 9), notices: ['two'] } });
  assert.deepEqual(notices, ['one', 'two']);
});

test('it reads page by page, and what a leader that is behind tells again is not taken twice', async () => {
  const { listening, ids, answer, sink } = setUp();
  listening.hear('e-20', status('live'));
  await answer(ok({ ...page(6, 8), more: true }));
  await answer(ok(page(9, 12)));
  listening.hear('e-6', { type: 'page', page: page(7, 9) });
  listening.hear('e-9', { type: 'page', page: page(10, 13) });
  assert.deepEqual(ids, [6, 7, 8, 9, 10, 11, 12, 13]);
  assert.equal(sink.cursor, 'e-13');
});

test('what does not join on to what was read is read again, a moment later', async () => {
  const { api, schedule, listening, ids, answer } = setUp();
  listening.hear('e-4', { type: 'page', page: page(5, 5) });
  listening.hear('e-4', status('live'));
  listening.hear('e-4', { type: 'page', page: page(5, 6) });
  await answer(ok({ events: [], cursor: 'e-5', more: false }));
  assert.deepEqual(api.takeAsked(), ['getUpdates e-5 0']);
  await schedule.advance(1000);
  assert.deepEqual(api.takeAsked(), ['getUpdates e-5 0']);
  await answer(ok(page(6, 6)));
  assert.deepEqual(ids, [6]);
});

test('while the leader is cut off nothing is read, and it is told how that stands', () => {
  const { api, listening, states } = setUp();
  listening.hear('e-3', status('offline', { retryAt: 1 }));
  assert.deepEqual([states, api.asked], [['offline'], []]);
});

test('a log that cannot be read is asked for again, less and less often, or at once when somebody looks', async () => {
  const { api, schedule, listening, ids, states, answer } = setUp();
  listening.hear('e-6', status('live'));
  await answer(unreachable);
  await schedule.advance(1000);
  await answer(unreachable);
  assert.deepEqual(states, ['connecting', 'offline']);
  api.takeAsked();
  listening.nudge();
  await settle();
  assert.deepEqual(api.takeAsked(), ['getUpdates e-5 0']);
  await answer(ok(page(6, 6)));
  assert.deepEqual([ids, states.at(-1)], [[6], 'live']);
});

test('a session that is found to have ended is told, and a tab that was closed hears nothing', async () => {
  const ended = setUp();
  ended.listening.hear('e-6', status('live'));
  await ended.answer(refused(410, 'session-gone', { reason: 'removed', action: 'stop' }));
  assert.deepEqual(ended.endings, ['removed']);
  const closed = setUp();
  closed.listening.hear('e-6', status('live'));
  closed.listening.close();
  await closed.answer(ok(page(6, 6)));
  assert.deepEqual(closed.ids, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Follower } from '../../src/web/follower.ts';
import type { AnyEvent, HistoryPage } from '../../src/web/wire.ts';
import { came, FakeApi, ok, refused, said, unreachable, went } from './support/fake-api.ts';
import { FakeSchedule, settle } from './support/fake-schedule.ts';

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => said(from + i, 'Bob', `${from + i}`));

function setUp() {
  const api = new FakeApi();
  const schedule = new FakeSchedule();
  const told: string[] = [];
  let roster: readonly string[] = [];
  const list = (events: readonly AnyEvent[]) => events.map(({ id }) => id).join(' ');
  const follower = new Follower(api, schedule, {
    began: (events, earlier) => told.push(`began ${list(events)} before ${earlier?.before}`),
    arrived: (events) => told.push(list(events)),
    gap: (lost) => told.push(`gap ${lost}`),
    healed: (count) => told.push(`healed ${count}`),
    roster: (names) => {
      roster = names;
    },
    status: () => {},
    state: () => {},
    gone: () => {},
  });
  return { api, schedule, follower, told, roster: () => roster };
}

/** Begun, with events up to 5 shown. */
async function begun() {
  const parts = setUp();
  parts.api.historyAnswer = async () => ok({ events: range(4, 5), cursor: 'e-3', more: true });
  parts.follower.init({ users: ['Bob'], cursor: 'e-5', lost: 0 });
  await settle();
  assert.deepEqual(parts.told.splice(0), ['began 4 5 before e-3']);
  parts.api.takeAsked();
  return parts;
}

test('FAN-4: the log begins with the history before init, and what came meanwhile follows without a seam', async () => {
  const { api, follower, told, roster } = setUp();
  let answer: (page: HistoryPage) => void = () => {};
  api.historyAnswer = () =>
    new Promise((resolve) => {
      answer = (page) => resolve(ok(page));
    });
  follower.init({ users: ['Bob'], cursor: 'e-5', lost: 0 });
  follower.event(came(6, 'Ada'), 'e-6');
  follower.event(said(7, 'Ada', 'hello'), 'e-7');
  assert.deepEqual(told, []);
  assert.equal(follower.cursor, 'e-7', 'a stream resumes behind what waits');
  answer({ events: range(4, 5), cursor: 'e-3', more: false });
  await settle();
  assert.deepEqual(told, ['began 4 5 before undefined', '6 7']);
  assert.deepEqual(api.asked, ['history e-5']);
  assert.deepEqual(roster(), ['Bob', 'Ada']);
});

test('without history the page begins at init', async () => {
  const { api, follower, told } = setUp();
  api.historyAnswer = async () => unreachable;
  follower.init({ users: [], cursor: 'e-5', lost: 0 });
  follower.event(came(6, 'Ada'), 'e-6');
  await settle();
  assert.deepEqual(told, ['began  before e-5', '6']);
});

test('LOG-5: a gap is told, the roster is the one of init, and the log goes on behind it', async () => {
  const { follower, told, roster } = await begun();
  follower.init({ users: ['Eve'], cursor: 'f-0', lost: null });
  follower.event(came(1, 'Ada'), 'f-1');
  assert.deepEqual(told, ['gap null', '1']);
  assert.deepEqual(roster(), ['Eve', 'Ada']);
  assert.equal(follower.cursor, 'f-1');
});

test('a poll tells a gap too, even if nothing is kept behind it', async () => {
  const { follower, told, roster } = await begun();
  follower.updates({ events: [], cursor: 'f-0', more: false, lost: null, users: ['Eve'] });
  assert.deepEqual(told, ['gap null']);
  assert.equal(follower.cursor, 'f-0');
  assert.deepEqual(roster(), ['Eve']);
});

test('stream and polls may overlap: nothing is shown twice, and nobody comes back from an old leave', async () => {
  const { follower, told, roster } = await begun();
  follower.event(went(6, 'Bob'), 'e-6');
  follower.event(came(7, 'Bob'), 'e-7');
  follower.updates({ events: [went(6, 'Bob'), came(7, 'Bob'), came(8, 'Ada')], cursor: 'e-8', more: false });
  assert.deepEqual(told, ['6', '7', '8']);
  assert.deepEqual(roster(), ['Bob', 'Ada']);
});

test('an event of an unknown type counts', async () => {
  const { follower, told } = await begun();
  follower.event({ id: 6, type: 'news of tomorrow', timestamp: 6 }, 'e-6');
  follower.event(said(7, 'Bob', 'hello'), 'e-7');
  assert.deepEqual(told, ['6', '7']);
});

test('LOG-1: a hole nobody told of is reported, fetched from before it, and told', async (t) => {
  const errors = t.mock.method(console, 'error', () => {});
  const { api, follower, told } = await begun();
  api.updates = async (after) =>
    ok(
      after === 'e-5'
        ? { events: range(6, 7), cursor: 'e-7', more: true }
        : { events: range(8, 9), cursor: 'e-9', more: false },
    );
  follower.event(said(9, 'Bob', '9'), 'e-9');
  assert.deepEqual(told, []);
  await settle();
  assert.deepEqual(told, ['6 7', '8 9', 'healed 3']);
  assert.deepEqual(api.asked, ['getUpdates e-5 0', 'getUpdates e-7 0']);
  assert.equal(errors.mock.callCount(), 1);
});

test('a hole that cannot be filled becomes a gap, and the log goes on', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { schedule, follower, told } = await begun();
  follower.event(said(9, 'Bob', '9'), 'e-9');
  await schedule.advance(60_000);
  assert.deepEqual(told, ['gap 3', '9']);
});

test('after close nothing is told', async () => {
  const { api, follower, told } = setUp();
  api.historyAnswer = async () => ok({ events: range(4, 5), cursor: 'e-3', more: true });
  follower.init({ users: [], cursor: 'e-5', lost: 0 });
  follower.close();
  await settle();
  assert.deepEqual(told, []);
});

test('it catches up no sooner than a server that refuses says', async () => {
  const { api, schedule, follower } = await begun();
  api.updates = async () => refused(503, 'unavailable', { retryAfterMs: 9_000 });
  const end = follower.catchUp();
  await schedule.advance(8_900);
  assert.deepEqual(api.takeAsked(), ['getUpdates e-5 0']);
  api.updates = async () => ok({ events: [], cursor: 'e-5', more: false });
  await schedule.advance(3_000);
  assert.equal(await end, 'head');
});

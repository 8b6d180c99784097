import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Follower } from '../../src/client/follower.ts';
import { came, said, went } from './support/fake-api.ts';

/** At e-5, with Bob in the room. */
function setUp() {
  const told: string[] = [];
  let roster: readonly string[] = [];
  const follower = new Follower(
    'e-5',
    ['Bob'],
    (type, ...news) => {
      const [what] = news as [unknown];
      if (type === 'roster') roster = what as string[];
      else if (type === 'events') told.push((what as { id: number }[]).map(({ id }) => id).join(' '));
      else if (type === 'notice' || type === 'gap' || type === 'healed') told.push(`${type} ${what}`);
    },
    () => {},
    () => told.push(`again from ${follower.cursor}`),
  );
  const message = (id: number) => follower.event(said(id, 'Bob', `${id}`), `e-${id}`);
  const poll = (from: number, to: number, more = {}) => {
    const events = Array.from({ length: to - from + 1 }, (_, i) => said(from + i, 'Bob', 'x'));
    follower.updates({ events, cursor: `e-${to}`, more: false, ...more });
  };
  return { follower, told, roster: () => roster, message, poll };
}

test('events are told in order, with the roster they make', () => {
  const { follower, told, roster } = setUp();
  assert.deepEqual(roster(), ['Bob']);
  follower.event(came(6, 'Ada'), 'e-6');
  follower.updates({ events: [said(7, 'Ada', 'x'), went(8, 'Bob')], cursor: 'e-8', more: false });
  assert.deepEqual(told, ['6', '7 8']);
  assert.deepEqual(roster(), ['Ada']);
  assert.deepEqual(follower.names, ['Ada']);
  assert.equal(follower.cursor, 'e-8');
});

test('announcements and redactions are events like any other, and leave the roster alone', () => {
  const { follower, told, roster } = setUp();
  const before = roster();
  const announcement = { id: 6, type: 'announcement', timestamp: 6, message: 'At noon we close.' };
  const redaction = { id: 7, type: 'redaction', timestamp: 7, target: 6 };
  follower.updates({ events: [announcement, redaction], cursor: 'e-7', more: false });
  assert.deepEqual(told, ['6 7']);
  assert.equal(roster(), before, 'nobody was told another one');
});

test('what a poll brings for this client alone is told behind its events', () => {
  const { told, poll } = setUp();
  poll(6, 7, { notices: ['one', 2] });
  poll(8, 7, { notices: [3] });
  assert.deepEqual(told, ['6 7', 'notice one', 'notice 2', 'notice 3']);
});

test('LOG-5: a gap is told, the roster is the one of init, and the log goes on behind it', () => {
  const { follower, told, roster, message } = setUp();
  message(6);
  follower.init({ users: ['Eve'], cursor: 'f-0', lost: null });
  assert.equal(follower.cursor, 'f-0');
  follower.event(came(1, 'Ada'), 'f-1');
  assert.deepEqual(told, ['6', 'gap null', '1']);
  assert.deepEqual(roster(), ['Eve', 'Ada']);
  assert.equal(follower.cursor, 'f-1');
});

test('a poll tells a gap too, even if nothing is kept behind it', () => {
  const { follower, told, roster } = setUp();
  follower.updates({ events: [], cursor: 'f-0', more: false, lost: null, users: ['Eve'] });
  assert.deepEqual(told, ['gap null']);
  assert.equal(follower.cursor, 'f-0');
  assert.deepEqual(roster(), ['Eve']);
});

test('an init without a gap changes nothing: the log goes on from the own cursor', () => {
  const { follower, told, message } = setUp();
  message(6);
  follower.init({ users: [], cursor: 'e-9', lost: 0 });
  assert.equal(follower.cursor, 'e-6');
  message(7);
  assert.deepEqual(told, ['6', '7']);
});

test('what comes twice is told once, and nobody comes back from an old leave', () => {
  const { follower, told, roster, poll } = setUp();
  follower.event(went(6, 'Bob'), 'e-6');
  follower.event(came(7, 'Ada'), 'e-7');
  follower.updates({ events: [went(6, 'Bob'), came(7, 'Ada'), went(8, 'Ada')], cursor: 'e-8', more: false });
  follower.event(came(7, 'Ada'), 'e-7');
  assert.deepEqual(told, ['6', '7', '8']);
  assert.deepEqual(roster(), []);
  poll(9, 10);
  assert.equal(told.at(-1), '9 10');
});

test('an event of an unknown type is not told, but counts', () => {
  const { follower, told, message } = setUp();
  message(6);
  follower.event({ id: 7, type: 'news of tomorrow', timestamp: 7 }, 'e-7');
  message(8);
  assert.deepEqual(told, ['6', '8']);
});

test('LOG-1: a hole nobody told of is asked for again from before it, and told when it is filled', () => {
  const { follower, told, message, poll } = setUp();
  message(6);
  message(9);
  assert.deepEqual(told, ['6', 'again from e-6']);
  assert.equal(follower.cursor, 'e-6');
  poll(7, 9);
  message(10);
  assert.deepEqual(told.slice(2), ['7 8 9', 'healed 2', '10']);
});

test('a hole that is there the second time is a gap, and the log goes on', () => {
  const { told, message } = setUp();
  message(6);
  message(9);
  message(9);
  message(10);
  assert.deepEqual(told, ['6', 'again from e-6', 'gap 2', '9', '10']);
});

test('a hole within a page is one too', () => {
  const { follower, told } = setUp();
  const page = { events: [said(6, 'Bob', 'x'), said(8, 'Bob', 'x')], cursor: 'e-8', more: false };
  follower.updates(page);
  assert.deepEqual(told, ['6', 'again from e-5']);
  follower.updates(page);
  assert.deepEqual(told.slice(2), ['gap 1', '8']);
  assert.equal(follower.cursor, 'e-8');
});

test('P-2: whatever is lost, doubled or swapped on the way, each event is told once, in order, or in a gap', () => {
  const steps = fc.array(
    fc.record({ from: fc.integer({ min: -3, max: 4 }), count: fc.integer({ min: 1, max: 5 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (ways) => {
      const { told, poll } = setUp();
      poll(6, 6);
      for (const { from, count } of ways) {
        const at = positionOf(told);
        poll(Math.max(6, at + from), Math.max(6, at + from) + count);
      }
      poll(positionOf(told) + 1, 500);
      assert.equal(positionOf(told), 500);
    }),
  );
});

/** Walks through what was told and fails on any other order than that of the log. */
function positionOf(told: readonly string[]): number {
  let position = 5;
  for (const line of told) {
    if (line.startsWith('gap ')) position += Number(line.slice(4));
    else if (/^[0-9]/.test(line)) {
      for (const id of line.split(' ').map(Number)) {
        assert.equal(id, position + 1);
        position = id;
      }
    }
  }
  return position;
}

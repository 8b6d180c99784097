import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../../src/client/problem.ts';
import { stoppedText, textOf } from '../../../src/web/stay/problem-text.ts';

const problem = (code: string, more: Partial<Problem> = {}): Problem => ({
  status: 0,
  code,
  detail: 'as the server says',
  ...more,
});

test('what no server told is said in the page’s own words', () => {
  assert.equal(textOf(problem('unreachable')), 'The server cannot be reached.');
  assert.equal(textOf(problem('unknown', { status: 502 })), 'The server is in trouble (502).');
  assert.match(textOf(problem('maybe-sent')), /may have arrived/);
  assert.equal(textOf(problem('ended')), 'Not sent.');
});

test('of a server’s problem its own words are said where the page has none, and when to come back', () => {
  assert.equal(textOf(problem('of-a-newer-server', { status: 422 })), 'as the server says');
  assert.match(textOf(problem('name-in-use', { status: 409 })), /^Somebody in the room has this name/);
  assert.equal(
    textOf(problem('rate-limited', { status: 429, retryAfterMs: 1200 })),
    'That was too much at once. Try again in 2 seconds.',
  );
  assert.equal(
    textOf(problem('rate-limited', { status: 429, limit: 'AUTH', retryAfterMs: 6000 })),
    'There were too many failed attempts to come in under this name. Try again in 6 seconds.',
  );
});

test('why a stay has ended is said, whatever the reason', () => {
  assert.equal(stoppedText({ reason: 'removed' }), 'You were removed from the room.');
  assert.equal(
    stoppedText({ reason: 'removed', detail: 'for shouting' }),
    'You were removed from the room. “\u2068for shouting\u2069”',
  );
  assert.equal(
    stoppedText({ reason: 'room-not-found', detail: 'as the server says' }),
    'This room is no longer there.',
  );
  assert.equal(
    stoppedText({ reason: 'of-a-newer-server', detail: 'as the server says' }),
    'as the server says',
  );
  assert.equal(stoppedText({}), 'Your stay in the room has ended.');
});

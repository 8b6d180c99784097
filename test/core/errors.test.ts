import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError, codeOf, errorCodes } from '../../src/core/errors.ts';

test('the codes are those of the API, each with when it is raised', () => {
  assert.deepEqual(Object.keys(errorCodes).sort(), [
    'credentials-required',
    'cross-origin',
    'headers-too-large',
    'internal',
    'invalid-message',
    'invalid-name',
    'invalid-request',
    'key-reused',
    'method-not-allowed',
    'name-in-use',
    'not-found',
    'not-joined',
    'payload-too-large',
    'permission-denied',
    'rate-limited',
    'request-timeout',
    'room-not-found',
    'session-gone',
    'unavailable',
    'unsupported-media-type',
  ]);
  for (const raisedWhen of Object.values(errorCodes)) assert.match(raisedWhen, /^[a-z].{10,}[^.]$/);
});

test('an error keeps its cause and what it carries', () => {
  const cause = new Error('below');
  const error = new ChatError('unavailable', 'Later.', { cause, retryAfterMs: 5 });
  assert.equal(error.cause, cause);
  assert.equal(error.extras.retryAfterMs, 5);
  assert.equal(error.name, 'ChatError');
  assert.equal('cause' in new ChatError('internal', 'Oh.'), false);
});

test('the code of an error is a text, whoever made the error; others have none', () => {
  assert.equal(codeOf(Object.assign(new Error('broken pipe'), { code: 'EPIPE' })), 'EPIPE');
  assert.equal(codeOf(new ChatError('internal', 'A fault.')), 'internal');
  for (const other of [
    new Error('none'),
    Object.assign(new Error('number'), { code: 5 }),
    { code: 'EPIPE' },
    null,
  ]) {
    assert.equal(codeOf(other), undefined);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EndReason, endingOf, endings, sessionGone } from '../../src/core/endings.ts';

const reasons = Object.keys(endings).filter((reason): reason is EndReason => reason in endings);

test('each reason says what its client does', () => {
  const byAction = (action: string) => reasons.filter((reason) => endingOf(reason).action === action).sort();
  assert.deepEqual(byAction('stop'), [
    'destroyed',
    'flooding',
    'removed',
    'revoked',
    'superseded',
    'taken-over',
  ]);
  assert.deepEqual(byAction('create'), ['expired', 'failed']);
  assert.deepEqual(byAction('reconnect'), ['shutdown', 'slow', 'unavailable']);
});

test('only who is to reconnect is told so', () => {
  for (const reason of reasons) {
    const { action, reconnect } = endingOf(reason);
    assert.equal(reconnect, action === 'reconnect', reason);
  }
});

test('a session that is gone is refused with its reason while that is known', () => {
  assert.deepEqual(sessionGone(endingOf('taken-over')).extras, { reason: 'taken-over', action: 'stop' });
  const removed = sessionGone(endingOf('removed', 'No adverts.'));
  assert.deepEqual(removed.extras, { reason: 'removed', action: 'stop', endingDetail: 'No adverts.' });
  assert.equal(removed.message, 'Your session has ended: removed (No adverts.).');
  assert.deepEqual(sessionGone(undefined).extras, {});
  assert.equal(sessionGone(undefined).code, 'session-gone');
});

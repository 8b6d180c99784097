import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explained, refusalOf, withoutInput } from '../../../src/stores/redis/failures.ts';
import { refused } from '../../support/domain.ts';

test('[P-5] an error is told without what Redis was asked', () => {
  const error = Object.assign(
    new Error('ERR unknown command, with args beginning with: `secret` `said\nin two lines`'),
    { command: { name: 'auth', args: ['secret'] } },
  );
  const told = withoutInput(error);
  assert.equal(told.message, 'ERR unknown command');
  assert.deepEqual(
    Object.getOwnPropertyNames(told).filter((name) => name === 'command'),
    [],
  );
  assert.equal(refusalOf(error)?.message, 'Redis refuses: ERR unknown command');
});

test('what may pass is told as unavailable, and a bug as what it is', () => {
  const passing = [
    'OOM command not allowed',
    'READONLY You cannot write against a read only replica.',
    'NOSCRIPT No matching script.',
    'Connection is closed.',
    "Stream isn't writeable and enableOfflineQueue options is false",
  ];
  for (const message of passing)
    assert.ok(refused('unavailable')(explained(new Error(message)) as Error), message);
  const bug = new Error('ERR user_script:3: attempt to index a nil value');
  assert.equal(explained(bug), bug);
  assert.equal(refusalOf(bug), undefined);
});

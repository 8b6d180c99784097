import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendGate } from '../../src/core/send-gate.ts';
import type { AppendAnswer, MessageDraft } from '../../src/core/store.ts';

function draft(message: string): MessageDraft {
  return { sessionId: 'a', message, key: null, isRepeatOnly: false };
}

function setUp() {
  const appended: string[][] = [];
  let failure: Error | undefined;
  let id = 0;
  const gate = new SendGate(async (drafts) => {
    appended.push(drafts.map(({ message }) => message));
    if (failure) throw failure;
    return drafts.map((): AppendAnswer => {
      id += 1;
      return { outcome: 'appended', id, timestamp: 1 };
    });
  });
  const fail = (error: Error | undefined) => {
    failure = error;
  };
  return { gate, appended, fail };
}

test('an open gate lets each message through by itself', async () => {
  const { gate, appended } = setUp();
  await Promise.all([gate.send(draft('one')), gate.send(draft('two'))]);
  assert.deepEqual(appended, [['one'], ['two']]);
});

test('[FAN-7] what waits at a closed gate is one append in its order, and each gets its own answer', async () => {
  const { gate, appended } = setUp();
  gate.close();
  gate.close();
  const answers = Promise.all(['one', 'two', 'three'].map((text) => gate.send(draft(text))));
  assert.deepEqual(appended, []);
  gate.open();
  assert.deepEqual(appended, [['one', 'two', 'three']]);
  const ids = (await answers).map((answer) => (answer.outcome === 'appended' ? answer.id : answer.outcome));
  assert.deepEqual(ids, [1, 2, 3]);
  gate.open();
  await gate.send(draft('four'));
  assert.deepEqual(appended.length, 2);
});

test('a closed gate at which nobody waits appends nothing when it opens', () => {
  const { gate, appended } = setUp();
  gate.close();
  gate.open();
  assert.deepEqual(appended, []);
});

test('[P-1] if the append of those who waited fails, it fails for each of them', async () => {
  const { gate, fail } = setUp();
  gate.close();
  const sends = ['one', 'two'].map((text) => gate.send(draft(text)));
  const error = new Error('the disk is full');
  fail(error);
  gate.open();
  const results = await Promise.allSettled(sends);
  assert.deepEqual(
    results.map((result) => result.status === 'rejected' && result.reason),
    [error, error],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventLog } from '../../src/core/event-log.ts';
import { HistoryBudget } from '../../src/core/history-budget.ts';
import { emptyLog, entry, message } from '../support/events.ts';

const limits = {
  events: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
  ageMs: Number.POSITIVE_INFINITY,
};

function logOf(count: number): EventLog {
  const log = new EventLog(emptyLog(), limits);
  for (let i = 0; i < count; i++) say(log);
  return log;
}

function say(log: EventLog, text = 'x'.repeat(100)): void {
  log.append([entry(log.headId + 1, message(text))]);
}

test('[LOG-7] the largest log gives up its oldest events when the sum is too large', () => {
  const [small, large] = [logOf(3), logOf(30)];
  const budget = new HistoryBudget(small.bytes + large.bytes);
  budget.add(small);
  budget.add(large);
  assert.equal(large.length, 30);
  say(small);
  budget.note(small);
  assert.equal(small.length, 4);
  assert.ok(large.length < 30 && large.length > 20, `${large.length}`);
});

test('[LOG-7] a log that is added counts at once, one that is taken away no more', () => {
  const [one, other] = [logOf(10), logOf(10)];
  const budget = new HistoryBudget(one.bytes + 10);
  budget.add(one);
  budget.add(other);
  assert.ok(one.length + other.length <= 10);
  budget.delete(one);
  const third = logOf(10);
  budget.delete(other);
  budget.add(third);
  assert.equal(third.length, 10);
  say(other);
  budget.note(other);
  assert.equal(third.length, 10, 'a log that was taken away is not counted by a note');
});

test('[LOG-7] an event larger than the whole budget empties its log and does not hang', () => {
  const log = logOf(1);
  const budget = new HistoryBudget(10);
  budget.add(log);
  assert.equal(log.length, 0);
});

test('[LOG-7] whatever is said, trimmed, added and taken away, the sum stays within the budget', () => {
  const maxBytes = 3000;
  const step = fc.record({
    log: fc.nat(3),
    action: fc.constantFrom('say', 'say', 'say', 'say', 'trim', 'forget'),
    length: fc.constantFrom(1, 100, 700),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const budget = new HistoryBudget(maxBytes);
      const logs = Array.from({ length: 4 }, () => logOf(0));
      for (const log of logs) budget.add(log);
      for (const { log: index, action, length } of steps) {
        const log = logs[index];
        if (!log) continue;
        if (action === 'say') say(log, 'x'.repeat(length));
        else log.shrinkTo(log.bytes / 2);
        if (action === 'forget') {
          budget.delete(log);
          logs[index] = logOf(0);
          budget.add(logs[index]);
        } else {
          budget.note(log);
        }
        const total = logs.reduce((sum, one) => sum + one.bytes, 0);
        assert.ok(total <= maxBytes, `${total}`);
      }
    }),
  );
});

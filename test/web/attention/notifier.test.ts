import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Notice,
  Notifier,
  type NotifyKeepsakes,
  type Wish,
} from '../../../src/web/attention/notifier.ts';
import { announced, came, redacted, said } from '../../client/support/fake-api.ts';

function setUp(wish: Wish, shared?: NotifyKeepsakes) {
  const keepsakes: NotifyKeepsakes = shared ?? { notify: wish, notified: '' };
  const shown: string[] = [];
  const browser = { mayNotify: true, isLookedAt: false as boolean | Promise<boolean> };
  const notifier = new Notifier({
    keepsakes,
    mayNotify: () => browser.mayNotify,
    isLookedAt: async () => browser.isLookedAt,
    alone: (task) => task(),
    show: ({ name = 'all', text, count }: Notice) => shown.push(`${name}: ${text} (${count})`),
    hide: () => shown.push('hidden'),
  });
  notifier.ownNameIs('Ada');
  return { notifier, keepsakes, browser, take: () => shown.splice(0) };
}

test('one is notified of what one wished for, and never of what one said oneself', async () => {
  for (const [wish, shown] of [
    ['off', []],
    ['mentions', ['Bob: Hello @ada (1)']],
    ['all', ['Bob: Hello (1)', 'Bob: Hello @ada (2)']],
  ] as const) {
    const { notifier, take } = setUp(wish);
    await notifier.said([said(1, 'Bob', 'Hello')], 'e-1');
    await notifier.said([came(2, 'Ada Lovelace')], 'e-2');
    await notifier.said([said(3, 'Ada', 'I am Ada')], 'e-3');
    await notifier.said([said(4, 'Bob', 'Hello @ada')], 'e-4');
    assert.deepEqual(take(), shown);
  }
});

test('nothing is told while somebody looks, or without permission', async () => {
  const { notifier, browser, take } = setUp('all');
  browser.isLookedAt = true;
  await notifier.said([said(1, 'Bob', 'seen')], 'e-1');
  browser.isLookedAt = false;
  browser.mayNotify = false;
  await notifier.said([said(2, 'Bob', 'not allowed')], 'e-2');
  assert.deepEqual(take(), []);
});

test('of what comes together the last is told, with the number of all since somebody looked', async () => {
  const { notifier, take } = setUp('all');
  await notifier.said([said(1, 'Bob', 'one'), said(2, 'Eve', 'two'), came(3, 'Mallory')], 'e-3');
  await notifier.said([said(4, 'Bob', 'three')], 'e-4');
  notifier.looked();
  await notifier.said([said(5, 'Bob', 'four')], 'e-5');
  assert.deepEqual(take(), ['Eve: two (2)', 'Bob: three (3)', 'Bob: four (1)']);
});

test('of several tabs that hear the same, one tells, also after a restart of the log', async () => {
  const one = setUp('all');
  const two = setUp('all', one.keepsakes);
  for (const [id, epoch] of [
    [7, 'e'],
    [8, 'e'],
    [3, 'f'],
  ] as const) {
    for (const tab of [two, one])
      await tab.notifier.said([said(id, 'Bob', `${epoch}${id}`)], `${epoch}-${id}`);
  }
  assert.deepEqual([one.take(), two.take()], [[], ['Bob: e7 (1)', 'Bob: e8 (2)', 'Bob: f3 (3)']]);
});

test('an announcement is told to who wants all, and to whom it names', async () => {
  for (const [wish, shown] of [
    ['off', []],
    ['mentions', ['all: Ada, come (1)']],
    ['all', ['all: we close (1)', 'all: Ada, come (2)']],
  ] as const) {
    const { notifier, take } = setUp(wish);
    await notifier.said([announced(1, 'we close')], 'e-1');
    await notifier.said([announced(2, 'Ada, come')], 'e-2');
    assert.deepEqual(take(), shown);
  }
});

test('LOG-4: a notification of what is redacted is hidden, and it counts no more', async () => {
  const { notifier, take } = setUp('all');
  await notifier.said([said(1, 'Bob', 'one')], 'e-1');
  await notifier.said([said(2, 'Bob', 'two')], 'e-2');
  await notifier.said([redacted(3, 1)], 'e-3');
  assert.deepEqual(take(), ['Bob: one (1)', 'Bob: two (2)'], 'another one is shown');
  await notifier.said([redacted(4, 2)], 'e-4');
  await notifier.said([said(5, 'Bob', 'five')], 'e-5');
  assert.deepEqual(take(), ['hidden', 'Bob: five (1)']);
});

test('LOG-4: what is redacted before it is told is not told', async () => {
  const { notifier, browser, take } = setUp('all');
  await notifier.said([said(1, 'Bob', 'one'), said(2, 'Bob', 'two'), redacted(3, 2)], 'e-3');
  const gone = { ...said(4, 'Bob', ''), redacted: true };
  await notifier.said([gone], 'e-4');
  assert.deepEqual(take(), ['Bob: one (1)']);
  let look = (_: boolean) => {};
  browser.isLookedAt = new Promise<boolean>((resolve) => {
    look = resolve;
  });
  const telling = notifier.said([said(5, 'Bob', 'five')], 'e-5');
  await notifier.said([redacted(6, 5)], 'e-6');
  look(false);
  await telling;
  assert.deepEqual(take(), []);
});

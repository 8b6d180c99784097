import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Marks, watchMarks } from '../../../src/web/attention/marks.ts';

class Counter {
  unread = 0;
  mentions = 0;
  is = true;
  readonly #listeners: (() => void)[] = [];

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  set(change: Partial<Pick<Counter, 'unread' | 'mentions' | 'is'>>): void {
    Object.assign(this, change);
    for (const listener of this.#listeners) listener();
  }
}

test('a tab shows how much is unread, and whether it speaks to oneself, while nobody looks', () => {
  const counter = new Counter();
  const told: Marks[] = [];
  watchMarks(counter, counter, (marks) => told.push(marks));
  counter.set({ unread: 1 });
  counter.set({ is: false });
  counter.set({ unread: 2 });
  counter.set({ unread: 2 });
  counter.set({ unread: 3, mentions: 1 });
  counter.set({ is: true });
  counter.set({ unread: 0, mentions: 0 });
  assert.deepEqual(told.slice(1), [
    { count: 1, icon: '-unread' },
    { count: 2, icon: '-unread' },
    { count: 3, icon: '-mention' },
    { count: 0, icon: '' },
  ]);
});

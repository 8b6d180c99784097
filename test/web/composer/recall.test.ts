import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recall } from '../../../src/web/composer/recall.ts';

function recallOf(...texts: string[]): Recall {
  const recall = new Recall();
  for (const text of texts) recall.said(text);
  return recall;
}

test('up leads from text to text into the past, down back to the empty field', () => {
  const recall = recallOf('one', 'two', 'three');
  assert.equal(recall.back(''), 'three');
  assert.equal(recall.back('three'), 'two');
  assert.equal(recall.back('two'), 'one');
  assert.equal(recall.back('one'), undefined);
  assert.equal(recall.forth('one'), 'two');
  assert.equal(recall.forth('two'), 'three');
  assert.equal(recall.forth('three'), '');
  assert.equal(recall.forth(''), undefined);
  assert.equal(recall.back(''), 'three');
});

test('what somebody writes is not replaced, nor a recalled text that he changed', () => {
  const recall = recallOf('one', 'two');
  assert.equal(recall.back('a draft'), undefined);
  assert.equal(recall.forth('a draft'), undefined);
  assert.equal(recall.back(''), 'two');
  assert.equal(recall.back('two changed'), undefined);
  assert.equal(recall.forth('two changed'), undefined);
});

test('a text is kept once, where it was said last: that the log tells it again changes nothing', () => {
  const recall = recallOf('one', 'two', 'one');
  assert.equal(recall.back(''), 'one');
  recall.said('one');
  assert.equal(recall.back('one'), 'two');
  assert.equal(recall.back('two'), undefined);
});

test('so many texts are kept and no more, and all can be forgotten', () => {
  const recall = recallOf(...Array.from({ length: 80 }, (_, i) => `text ${i}`));
  let shown = '';
  let count = 0;
  for (let next = recall.back(shown); next !== undefined; next = recall.back(shown)) {
    shown = next;
    count += 1;
  }
  assert.equal(count, 50);
  assert.equal(shown, 'text 30');
  recall.forget();
  assert.equal(recall.back(''), undefined);
});

test('LOG-4: what was redacted is not recalled, unless it was said once more', () => {
  const recall = new Recall();
  for (const [text, id] of [
    ['one', 1],
    ['two', 2],
    ['three', 3],
    ['one', 4],
  ] as const) {
    recall.said(text, id);
  }
  assert.equal(recall.back(''), 'one');
  recall.unsay(2);
  recall.unsay(1);
  assert.equal(recall.back('one'), undefined, 'what was leafed through is closed');
  assert.equal(recall.back(''), 'one');
  assert.equal(recall.back('one'), 'three');
  assert.equal(recall.back('three'), undefined);
});

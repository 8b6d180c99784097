import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Completion, insertName, type Written } from '../../../src/web/composer/completion.ts';

const names = ['Bob', 'Ada', 'Anna Maria', 'Zoë', 'anders', 'שרה', 'ไข่', 'Ada Lovelace'];

/** `|` is the caret. */
function written(marked: string): Written {
  return { text: marked.replace('|', ''), caret: marked.indexOf('|') };
}

function marked({ text, caret }: Written): string {
  return `${text.slice(0, caret)}|${text.slice(caret)}`;
}

/** What comes of the first Tab; undefined: nothing. */
function completed(before: string): string | undefined {
  const after = Completion.begin(written(before), names)?.turn(1);
  return after && marked(after);
}

test('a name that was begun is completed: with a colon where it opens the text, else with a space', () => {
  for (const [before, after] of [
    ['bo|', 'Bob: |'],
    ['hello bo|', 'hello Bob |'],
    ['hello\nbo|', 'hello\nBob |'],
    ['@bo|', '@Bob: |'],
    ['hello @bo|', 'hello @Bob |'],
    ['@|', '@Bob: |'],
    ['(bo|)', '(Bob|)'],
    ['“bo|”', '“Bob|”'],
    ['zoe|', 'Zoë: |'],
    ['שר|', 'שרה: |'],
    ['bo| hello', 'Bob: |hello'],
    ['hi bo| hello', 'hi Bob |hello'],
    ['bo|: hello', 'Bob: |hello'],
    ['bo|, hello', 'Bob:|, hello'],
    ['hi bo|, hello', 'hi Bob|, hello'],
  ] as const) {
    assert.equal(completed(before), after, before);
  }
});

test('names with spaces are completed whole, wherever one stands in them', () => {
  assert.equal(completed('anna|'), 'Anna Maria: |');
  assert.equal(completed('anna m|'), 'Anna Maria: |');
  assert.equal(completed('hi anna m|'), 'hi Anna Maria |');
  assert.equal(completed('ada l|'), 'Ada Lovelace: |');
});

test('where nothing was begun there is nothing to complete', () => {
  for (const before of [
    '|',
    'bo |',
    'bo\n|',
    'x|',
    'b|o',
    'ไ|ข่',
    'me@bo|',
    'me@|',
    'mailbo|',
    'bo|\u0301',
    '👩|\u200d👩',
  ]) {
    assert.equal(completed(before), undefined, before);
  }
});

test('Tab goes round, Shift+Tab the other way, and what was before is kept', () => {
  const completion = Completion.begin(written('so a|'), names);
  assert.ok(completion);
  const steps = ([1, 1, 1, 1, 1, -1, -1] as const).map((step) => {
    const { text } = completion.turn(step);
    return `${text}${completion.position}/${completion.count}`;
  });
  const all = ['so Ada 1/4', 'so Anna Maria 2/4', 'so anders 3/4', 'so Ada Lovelace 4/4'];
  assert.deepEqual(steps, [...all, all[0], all[3], all[2]]);
  assert.deepEqual(completion.before, written('so a|'));
});

test('whatever is written, only what was begun of the name is replaced', () => {
  const text = (maxLength: number) => fc.string({ unit: 'grapheme', maxLength });
  fc.assert(
    fc.property(text(12), text(12), text(6), text(6), (before, after, begun, rest) => {
      const name = begun + rest;
      const shown = Completion.begin(
        { text: `${before} ${begun}${after}`, caret: before.length + 1 + begun.length },
        [name],
      )?.turn(1);
      if (shown === undefined) return;
      assert.ok(shown.text.endsWith(after));
      assert.ok(shown.text.slice(0, shown.caret).includes(name));
      const untouched = shown.text.slice(0, shown.text.lastIndexOf(name, shown.caret));
      assert.ok(before.startsWith(untouched) || untouched === `${before} ` || name.startsWith(' '));
    }),
  );
});

test('a chosen name is put where the caret is, apart from what stands there', () => {
  assert.equal(marked(insertName(written('|'), 'Ada')), 'Ada: |');
  assert.equal(marked(insertName(written('|hello'), 'Ada')), 'Ada: |hello');
  assert.equal(marked(insertName(written('ask|'), 'Ada')), 'ask Ada |');
  assert.equal(marked(insertName(written('ask |'), 'Ada')), 'ask Ada |');
  assert.equal(marked(insertName(written('ask| then'), 'Ada')), 'ask Ada |then');
  assert.equal(marked(insertName(written('@|'), 'Ada')), '@Ada: |');
});

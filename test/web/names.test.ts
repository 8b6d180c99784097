import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold } from '../../src/web/names.ts';

test('case, accents, points and compatibility forms make no difference', () => {
  for (const [a, b] of [
    ['Zoë', 'zoe'],
    ['STRASSE', 'Straße'],
    ['ΟΔΟΣ', 'οδος'],
    ['İpek', 'ipek'],
    ['Ελένη', 'ελενη'],
    ['Йод', 'йод'],
    ['שָׁלוֹם', 'שלום'],
    ['Ｗｉｄｅ', 'wide'],
  ] as const) {
    assert.equal(fold(a), fold(b));
  }
});

test('a syllable of Hangul begins with its letters, and marks that spell a word stay', () => {
  assert.ok(fold('김').startsWith(fold('ㄱ')));
  assert.notEqual(fold('की'), fold('का'));
});

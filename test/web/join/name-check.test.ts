import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { validateName } from '../../../src/core/names.ts';
import { nameRefusal } from '../../../src/web/join/name-check.ts';

function isAccepted(name: string): boolean {
  try {
    validateName(name, { maxLength: 1000 });
    return true;
  } catch {
    return false;
  }
}

test('of no name that the server takes it is said that it cannot be', () => {
  const pieces = fc.constantFrom(
    'a',
    'é',
    'e\u0301',
    '〇',
    '7',
    ' ',
    '\u00a0',
    '-',
    '_',
    '.',
    "'",
    'ß',
    '王',
  );
  const names = fc.oneof(
    fc.array(pieces, { maxLength: 6 }).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(fc.property(names, (name) => !isAccepted(name) || nameRefusal(name, 'en') === undefined));
});

test('a character that cannot be in a name is shown, or named by its number if there is nothing to see', () => {
  assert.equal(
    nameRefusal('Ada😀', 'en'),
    "A name cannot have 😀 in it. Letters, digits, spaces and - _ . ' are fine.",
  );
  assert.match(nameRefusal('<b>', 'en') ?? '', /^A name cannot have < in it/);
  for (const [name, code] of [
    ['Ada\u200b', 'U+200B'],
    ['\u202eAda', 'U+202E'],
    ['A\x07', 'U+0007'],
    ['A\u{e0041}', 'U+E0041'],
    ['A\ufe0f', 'U+FE0F'],
  ] as const) {
    assert.equal(
      nameRefusal(name, 'en'),
      `This name has a character that cannot be seen (${code}). Type it anew.`,
    );
  }
});

test('a name without a letter or digit is told to have one', () => {
  assert.equal(nameRefusal('-.-', 'en'), 'A name has at least one letter or digit.');
});

test('what cannot be told from the name is left to the server', () => {
  assert.equal(nameRefusal('x'.repeat(50), 'en'), undefined);
  assert.equal(nameRefusal('Root', 'en'), undefined);
});

test('a name that is too long is said to be, by as many characters as the server counts', () => {
  for (const name of ['x'.repeat(33), '😀'.repeat(33), 'e\u0301'.repeat(33), `${'a '.repeat(16)}b c`]) {
    assert.match(
      nameRefusal(name, 'en', 32) ?? '',
      /^A name has 32 characters at the most; this one has 3[35]\.$/,
    );
    assert.throws(() => validateName(name, { maxLength: 32 }), /has 1 to 32 characters/);
  }
  for (const name of ['x'.repeat(32), 'e\u0301'.repeat(32), `${'a   '.repeat(15)}bc`]) {
    assert.equal(nameRefusal(name, 'en', 32), undefined);
    assert.ok(validateName(name, { maxLength: 32 }));
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { partsOf } from '../../../src/web/log/links.ts';

const linksIn = (text: string) =>
  partsOf(text).flatMap((part) => (part.href === undefined ? [] : [part.text]));

test('a link has an explicit scheme of http, https or mailto', () => {
  const text = 'see http://a.example HTTPS://B.example/x?y=1#z and mailto:ada@example.org';
  assert.deepEqual(linksIn(text), [
    'http://a.example',
    'HTTPS://B.example/x?y=1#z',
    'mailto:ada@example.org',
  ]);
  for (const other of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example',
    'www.example.org',
    'ada@example.org',
    'xhttp://a.example',
    'http:/a.example',
    'http://',
    'https://:80',
    'mailto:',
    'mailto:?subject=x',
  ]) {
    assert.deepEqual(linksIn(other), [], other);
  }
});

test('punctuation of the sentence and brackets that were opened before stay outside', () => {
  for (const [text, link] of [
    ['(see https://a.example/b).', 'https://a.example/b'],
    ['https://a.example/B_(c), or', 'https://a.example/B_(c)'],
    ['(https://a.example/B_(c))', 'https://a.example/B_(c)'],
    ['“https://a.example/”…', 'https://a.example/'],
    ['<https://a.example/>', 'https://a.example/'],
    ['[x](https://a.example/b)!', 'https://a.example/b'],
    ['https://[::1]:3000/.', 'https://[::1]:3000/'],
    ['看https://a.example/路径。', 'https://a.example/路径'],
  ] as const) {
    assert.deepEqual(linksIn(text), [link], text);
  }
});

test('P-5: what shows nothing or turns the direction ends a link', () => {
  for (const control of ['\u202e', '\u2066', '\u200b', '\u200f', '\ufeff', '\u00ad', '\0']) {
    assert.deepEqual(linksIn(`https://a.example/${control}moc.elgoog`), ['https://a.example/']);
  }
  assert.deepEqual(linksIn('https://a.example\\@b.example'), ['https://a.example']);
});

test('P-5: the parts together are the message, and links lead where three schemes lead', () => {
  const piece = fc.constantFrom(
    'https://',
    'http://',
    'mailto:',
    'a.example',
    '/',
    '(',
    ')',
    '.',
    ' ',
    '\u202e',
    '@',
  );
  const text = fc
    .array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 24 })
    .map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, (message) => {
      const parts = partsOf(message);
      assert.equal(parts.map((part) => part.text).join(''), message);
      for (const { text: shown, href } of parts) {
        assert.notEqual(shown, '');
        if (href === undefined) continue;
        assert.match(href, /^(?:https?:\/\/|mailto:)/);
        assert.equal(new URL(shown).href, href);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a long row of brackets is no work', () => {
  const text = `https://a.example/${')'.repeat(200_000)}`;
  assert.deepEqual(linksIn(text), ['https://a.example/']);
});

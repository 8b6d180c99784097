import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { choose, languages } from '../../../src/web/text/languages.ts';
import { speechOf } from '../../../src/web/text/speech.ts';

/** All that can be said, by its place in the table; what counts is called with one, two and many. */
function saidBy(value: unknown, place = ''): [place: string, text: string][] {
  if (typeof value === 'string') return [[place, value]];
  if (typeof value === 'function') {
    if (place === '.roomLeft') {
      return [true, false].map((isExact) => [place, String(value({ characters: 1234, isExact }))]);
    }
    return [1, 2, 1234].map((n) => [`${place}(${n})`, String(value(n, n, n))]);
  }
  return Object.entries(value as object).flatMap(([key, inner]) => saidBy(inner, `${place}.${key}`));
}

describe('the languages of the page', () => {
  it('chooses the first that somebody reads, and else English', () => {
    assert.equal(choose(['de-AT', 'en']), 'de');
    assert.equal(choose(['fr', 'DE']), 'de');
    assert.equal(choose(['fr-CH', 'en-US', 'de']), 'en');
    assert.equal(choose(['constructor', 'tlh']), 'en');
    assert.equal(choose([]), 'en');
  });

  for (const [tag, { load }] of Object.entries(languages)) {
    it(`${tag} has words for everything`, async () => {
      const said = saidBy((await load())(speechOf(tag)));
      assert.ok(said.length > 150, `${said.length} texts were found`);
      const mayBeEmpty = '.stateHints.connecting';
      const empty = said.filter(([place, text]) => text.trim() === '' && place !== mayBeEmpty);
      assert.deepEqual(empty, []);
      for (const [place, text] of said) assert.doesNotMatch(text, /undefined|NaN|\[object/, place);
    });
  }

  it('speaks of numbers as the language does', () => {
    const words = { one: 'Nachricht', other: 'Nachrichten' };
    assert.equal(speechOf('de').count(1, words), '1 Nachricht');
    assert.equal(speechOf('de').count(12_345, words), '12.345 Nachrichten');
    assert.equal(speechOf('en').number(12_345), '12,345');
    // Where a language has more classes than words were given, the last one serves.
    assert.equal(speechOf('ar').count(2, { one: 'a', other: 'b' }).endsWith('b'), true);
  });
});

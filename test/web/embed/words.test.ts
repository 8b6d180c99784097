import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { builderWords } from '../../../src/web/text/builder.ts';
import { embedWords } from '../../../src/web/text/embed.ts';
import { languages } from '../../../src/web/text/languages.ts';

describe('what is said in pages of others', () => {
  for (const tag of Object.keys(languages)) {
    it(`is said in ${tag} as well`, () => {
      assert.equal(embedWords([tag]).language, tag);
      assert.equal(builderWords([tag]).language, tag);
      const words = embedWords([`${tag}-XX`, 'tlh']);
      for (const text of [words.gap(1), words.gap(1234), words.gap(null), words.roomTitle('tea')]) {
        assert.ok(text.length > 5);
        assert.doesNotMatch(text, /undefined|NaN/);
      }
    });
  }

  it('is said in the language of the page, and else in English', () => {
    assert.equal(embedWords(['fr', 'de-AT', 'en']).language, 'de');
    assert.equal(embedWords(['tlh', 'toString']).language, 'en');
    assert.equal(builderWords([]).language, 'en');
    assert.notEqual(embedWords(['de']).empty, embedWords(['en']).empty);
  });
});

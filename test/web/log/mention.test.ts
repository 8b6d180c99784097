import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mentionsOf } from '../../../src/web/log/mention.ts';

test('a name speaks to somebody as a whole word, with or without @, in any case', () => {
  const cases: readonly (readonly [name: string, text: string, isMention: boolean])[] = [
    ['Ada', 'Ada', true],
    ['Ada', 'hello @ada, how are you?', true],
    ['Ada', 'ADA’s idea', true],
    ['Ada', 'Canada', false],
    ['Ada', 'adaptive', false],
    ['Ada', 'ada_2', false],
    ['Ada', 'Adán', false],
    ['Ada', 'Ada\u0301', false],
    ['Ada', 'ada\nand bob', true],
    ['Ada', 'https://example.org/ada', false],
    ['Ada', 'https://example.org/ada, says Ada', true],
    ['Émile', 'E\u0301MILE?', true],
    ['Mary Ann', 'thanks mary  ann!', true],
    ['Mary Ann', 'thanks mary', false],
    ['J.R.', 'ask J.R. about it', true],
    ['J.R.', 'ask JxR. about it', false],
    ['a-b', 'so a-b it is', true],
    ['Анна', 'Привет, анна', true],
    ['Анна', 'Сусанна', false],
    ['小明', '你好小明在吗', true],
    ['שרה', 'שלום @שרה', true],
    ['I', 'I think', false],
    ['I', 'what do you think, @i?', true],
    ['', 'anything', false],
  ];
  for (const [name, text, isMention] of cases) {
    assert.equal(mentionsOf(name)(text), isMention, `${name}: ${text}`);
  }
});

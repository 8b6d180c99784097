import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { adminLanguages, words } from '../../../src/web/text/admin.ts';
import { speechOf } from '../../../src/web/text/speech.ts';

/** All that can be said, by its place in the table. */
function saidBy(value: unknown, place = ''): [place: string, text: string][] {
  if (typeof value === 'string') return [[place, value]];
  if (typeof value === 'function') return [1, 2, 1234].map((n) => [place, String(value(n, n, n, n))]);
  return Object.entries(value as object).flatMap(([key, inner]) => saidBy(inner, `${place}.${key}`));
}

for (const [tag, speak] of Object.entries(adminLanguages)) {
  test(`${tag} has words for everything on the page of the operator`, () => {
    const said = saidBy(speak(speechOf(tag)));
    assert.ok(said.length > 120, `${said.length} texts were found`);
    for (const [place, text] of said) assert.doesNotMatch(text, /^\s*$|undefined|NaN|\[object/, place);
    assert.deepEqual(new Set(said.map(([place]) => place)), new Set(saidBy(words).map(([place]) => place)));
  });
}

test('all that the page of the operator could say, it says somewhere', () => {
  const folder = new URL('../../../src/web/admin/', import.meta.url);
  const code = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  const unused = Object.keys(words).filter((key) => !new RegExp(`\\bwords\\.${key}\\b`).test(code));
  assert.deepEqual(unused, []);
});

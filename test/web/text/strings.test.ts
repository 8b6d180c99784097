import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { endings } from '../../../src/core/endings.ts';
import { errorCodes } from '../../../src/core/errors.ts';
import { strings as plainStrings } from '../../../src/http/plain/strings.ts';
import { languages } from '../../../src/web/text/languages.ts';
import { speechOf } from '../../../src/web/text/speech.ts';
import { strings } from '../../../src/web/text/strings.ts';

const source = fileURLToPath(new URL('../../../src', import.meta.url));

function codeIn(folder: string): string {
  return readdirSync(join(source, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !/^text\b/.test(name))
    .map((name) => readFileSync(join(source, folder, name), 'utf8'))
    .join('\n');
}

function unusedOf(table: object, code: string): string[] {
  return Object.keys(table).filter((key) => !new RegExp(`\\bstrings\\.${key}\\b`).test(code));
}

test('all that the page could say, it says somewhere', () => {
  assert.deepEqual(unusedOf(strings, codeIn('web')), []);
});

test('all that the plain pages could say, they say somewhere', () => {
  assert.deepEqual(unusedOf(plainStrings, codeIn('http')), []);
});

test('the page has words for endings and problems there are, in every language for the same', async () => {
  for (const reason of Object.keys(strings.stopped)) {
    assert.ok(Object.hasOwn(endings, reason) || Object.hasOwn(errorCodes, reason), reason);
  }
  for (const code of Object.keys(strings.problems)) assert.ok(Object.hasOwn(errorCodes, code), code);
  for (const [tag, { load }] of Object.entries(languages)) {
    const { stopped, problems } = (await load())(speechOf(tag));
    assert.deepEqual(Object.keys(stopped).sort(), Object.keys(strings.stopped).sort(), tag);
    assert.deepEqual(Object.keys(problems).sort(), Object.keys(strings.problems).sort(), tag);
  }
});

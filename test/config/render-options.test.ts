import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { betweenMarkers } from '../../scripts/between-markers.ts';
import { parseConfig } from '../../src/config/config.ts';
import { listOptions } from '../../src/config/options.ts';
import { renderEnvExample, renderOptionTable, renderPlainOptions } from '../../src/config/render-options.ts';

const howTo = 'run `npm run options`';

test('.env.example is what the table says', () => {
  assert.equal(readProjectFile('.env.example'), renderEnvExample(), howTo);
});

test('the README shows the table', () => {
  const readme = readProjectFile('README.md');
  assert.equal(readme, betweenMarkers(readme, 'options', renderOptionTable()), howTo);
});

test('the plugin takes what the table says', () => {
  assert.equal(readProjectFile('src/config/plain-options.ts'), renderPlainOptions(), howTo);
});

test('.env.example with its options taken out of the comments changes nothing', () => {
  const texts = parseEnv(renderEnvExample().replace(/^#(?=[A-Z_]+=)/gm, ''));
  assert.deepEqual(
    Object.keys(texts).sort(),
    listOptions()
      .map((option) => option.variable)
      .sort(),
  );
  assert.deepEqual(parseConfig(texts), parseConfig({}));
});

test('every option has a sentence and a row of four cells', () => {
  const rows = renderOptionTable().split('\n').slice(2);
  assert.equal(rows.length, listOptions().length);
  for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 6, row);
  for (const { sentence, variable } of listOptions())
    assert.match(sentence, /^[A-Z][^.]+(?:\.\S[^.]*)*\.$/, variable);
});

function readProjectFile(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
}

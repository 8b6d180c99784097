import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../src/core/errors.ts';
import { page } from './support/readme.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

describe('docs/troubleshooting.md', () => {
  const docs = page('docs/troubleshooting.md');

  it('says what to do about every error', () => {
    const [, answers = ''] = docs.split('## Answers');
    const told = [...answers.matchAll(/^\| \d{3} (.*?) \|/gm)].flatMap(([, codes = '']) =>
      [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code),
    );
    assert.deepEqual(told.sort(), Object.keys(errorCodes).sort());
  });

  it('quotes nothing that neither the server nor the page says', () => {
    const source = readdirSync(join(project, 'src'), { recursive: true })
      .map((name) => join(project, 'src', String(name)))
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    const quotes = [...docs.matchAll(/“([^”]+)”/g)].map(([, quote = '']) => quote);
    assert.ok(quotes.length > 8, String(quotes.length));
    assert.deepEqual(
      quotes.filter((quote) => !source.includes(quote)),
      [],
    );
  });
});

describe('docs/comparison.md', () => {
  const docs = page('docs/comparison.md');
  const numbers = (pattern: RegExp) => [...new Set([...docs.matchAll(pattern)].map(([, number]) => number))];

  it('has a source for each number, and uses each of its sources', () => {
    const sources = numbers(/^\[(\d+)\]: https:\/\/\S+$/gm);
    assert.ok(sources.length > 15);
    assert.deepEqual(numbers(/\[\[(\d+)\]\]/g).sort(), [...sources].sort());
    const [, list = ''] = docs.split('## Sources');
    assert.deepEqual(
      sources.filter((number) => !list.includes(`][${number}]`)),
      [],
    );
  });

  it('says of every neighbour when to take it, with sources', () => {
    const sections = docs.split(/^## /m).filter((section) => section.includes('[['));
    const names = sections.map((section) => section.slice(0, section.indexOf('\n')));
    assert.deepEqual(names, ['Centrifugo', 'Mercure', 'nchan', 'ntfy', 'Socket.IO']);
    for (const [index, section] of sections.entries())
      assert.ok(section.includes(`**Take ${names[index]}**`));
  });
});

describe('figures of docs/benchmarks.md', () => {
  const benchmarks = page('docs/benchmarks.md');

  for (const path of ['docs/operating.md', 'docs/comparison.md']) {
    it(`are the same in ${path}`, () => {
      const [, table = ''] = /<!-- figures -->\n([\s\S]*?)<!-- \/figures -->/.exec(page(path)) ?? [];
      const rows = [...table.matchAll(/^\|.*\| ([^|]+) \| `([\w-]+)` \|$/gm)];
      assert.ok(rows.length > 3, path);
      for (const [row, figure = '', name = ''] of rows) {
        const [, after = ''] = benchmarks.split(`\n## ${name}\n`);
        const [section = ''] = after.split('\n## ');
        const cells = section.split('\n').flatMap((line) => line.split(' | '));
        assert.ok(
          cells.some((cell) => cell.replace(/ \(.*/, '').replace(/ \|$/, '') === figure),
          `${row} is not what ${name} has measured`,
        );
      }
    });
  }
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../src/core/errors.ts';
import { floors } from './support/floors.ts';
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

describe('docs/architecture.md', () => {
  const docs = page('docs/architecture.md');

  it('has every folder on its floor', () => {
    const rows = [...docs.matchAll(/^\| (\d) \| (`src\/.*?) \|/gm)].flatMap(([, floor, places = '']) =>
      [...places.matchAll(/`src\/([\w.-]+)`/g)].map(([, place = '']) => [place, Number(floor)]),
    );
    assert.deepEqual(Object.fromEntries(rows), floors);
  });

  it('names no file, and nothing of the code, that is not there', () => {
    const sources = readdirSync(join(project, 'src'), { recursive: true }).map(String);
    const files = [...docs.matchAll(/`(?:src\/)?([\w/-]+\.ts)`/g)].map(([, file = '']) => file);
    assert.ok(files.length > 25, String(files.length));
    const isThere = (file: string) => sources.some((path) => path === file || path.endsWith(`/${file}`));
    assert.deepEqual(
      files.filter((file) => !isThere(file) && !existsSync(join(project, file))),
      [],
    );
    const code = sources
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(project, 'src', path), 'utf8'))
      .join('\n');
    const words = new Set(code.match(/\w+/g));
    const names = [...docs.matchAll(/`([a-z]+[A-Z]\w*|(?:[A-Z][a-z]+){2,})(?:\.(\w+))?`/g)].flatMap(
      ([, name = '', member]) => (member === undefined ? [name] : [name, member]),
    );
    assert.ok(names.length > 20, String(names.length));
    const elsewhere = ['SharedWorker'];
    assert.deepEqual(
      names.filter((name) => !words.has(name) && !elsewhere.includes(name)),
      [],
    );
  });
});

describe('scripts/README.md', () => {
  it('names every script', () => {
    const names = readdirSync(join(project, 'scripts')).filter((name) => name !== 'README.md');
    const docs = page('scripts/README.md');
    assert.deepEqual(
      names.filter((name) => !docs.includes(`\`${name.includes('.') ? name : `${name}/`}\``)),
      [],
    );
  });
});

describe('figures of docs/benchmarks.md', () => {
  const benchmarks = page('docs/benchmarks.md');
  const cellsOf = (row: string): string[] =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
  /** What a case has measured of somebody, without the spread behind it. */
  const measured = (name: string, whose: string, column: string): string | undefined => {
    const [, after = ''] = benchmarks.split(`\n## ${name}\n`);
    const [section = ''] = after.split('\n## ');
    const rows = section
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map(cellsOf);
    const place = rows[0]?.indexOf(column) ?? -1;
    return rows.find(([first]) => first === whose)?.[place]?.replace(/ \(.*/, '');
  };

  for (const path of ['docs/operating.md', 'docs/comparison.md']) {
    it(`are in ${path} what the case has measured of whom it names`, () => {
      const [, table = ''] = /<!-- figures -->\n([\s\S]*?)<!-- \/figures -->/.exec(page(path)) ?? [];
      const rows = table.trim().split('\n').slice(2).map(cellsOf);
      assert.ok(rows.length > 3, path);
      for (const [what = '', figure, where = ''] of rows) {
        const [, name = '', whose = '', column = ''] = /^`([\w-]+)`: (.+), (.+)$/.exec(where) ?? [];
        assert.equal(figure, measured(name, whose, column), `${what}: ${where}`);
        // What the row says of whom, in the words of a sentence.
        const [, said = 'Parlor'] = /: (Parlor|nchan|Socket\.IO)(?:'s feed)?$/.exec(what) ?? [];
        assert.ok(whose.startsWith(said), `${what}: ${where}`);
      }
    });
  }
});

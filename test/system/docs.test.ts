import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const call = /\b(?:log|audit)\.(fatal|error|warn|info|debug|trace)\(/g;

/** What stands between the bracket at `start` and the one that closes it. */
function argumentsAt(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(start + 1, at);
  }
  return '';
}

/** Each line that the code writes: its level and its text, as far as that is fixed. */
function writtenLines(): string[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const server = files.filter((file) => file.endsWith('.ts') && !/^(?:web|client|cli)\//.test(file));
  return server.flatMap((file) => {
    const text = read(join('src', file));
    return [...text.matchAll(call)].flatMap(({ 0: found, 1: level, index }) => {
      const given = argumentsAt(text, index + found.length - 1);
      // It is made elsewhere: a warning that begins with the name of an option.
      if (given === 'line') return [];
      const [, said, made] = /(?:^|, |,\n *)(?:'([^']+)'|`([^`$]*)\$\{[^`]*`),?\s*$/.exec(given) ?? [];
      assert.ok(said ?? made, `${file} writes a line whose text is found: ${given}`);
      return [`${level} ${said ?? `${made}…`}`];
    });
  });
}

test('docs/logs.md has every line that the server writes, each at its level, and no other', () => {
  const docs = read('docs/logs.md').split('\n## All lines\n')[1] ?? '';
  const rows = [...docs.matchAll(/^\| `(\w+)` \| `([^`]+)`/gm)].map(([, level, text]) => `${level} ${text}`);
  const written = new Set(writtenLines());
  assert.ok(written.size > 20, [...written].join('\n'));
  const madeElsewhere = rows.filter((row) => /^warn (?:Connections dropped|… sends|AUTH)/.test(row));
  assert.equal(madeElsewhere.length, 3);
  const documented = rows.filter((row) => !madeElsewhere.includes(row));
  assert.deepEqual([...documented].sort(), [...written].sort());
  assert.equal(new Set(rows).size, rows.length);
});

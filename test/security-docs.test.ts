import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(`${project}docs/security.md`, 'utf8');
/** Those without a folder are of `test/security`. */
const named = [...page.matchAll(/`((?:[\w-]+\/)*[\w.-]+\.ts)`/g)].map(([, path = '']) =>
  path.startsWith('test/') ? path : `test/security/${path}`,
);

test('docs/security.md names no test that is not there', () => {
  assert.ok(named.length > 30, String(named.length));
  assert.deepEqual(
    named.filter((path) => !existsSync(project + path)),
    [],
  );
});

test('docs/security.md names each file of test/security', () => {
  const files = readdirSync(`${project}test/security`).filter((name) => name.endsWith('.test.ts'));
  assert.ok(files.length > 10);
  assert.deepEqual(
    files.filter((name) => !named.includes(`test/security/${name}`)),
    [],
  );
});

test('each threat of docs/security.md has a defence and a test', () => {
  const rows = page.split('\n').filter((line) => /^\| (?!who|threat|-)/.test(line));
  const threats = rows.slice(rows.findIndex((line) => line.startsWith('| a route asks')));
  assert.ok(threats.length > 30, String(threats.length));
  for (const line of threats) {
    const [, defence = '', shown = ''] = line.split(' | ');
    assert.ok(defence.length > 10 && /the same|\.ts`/.test(shown), line);
  }
});

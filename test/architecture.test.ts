import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { breachOf } from './support/floors.ts';
import { findCycles, type Import, importsOf, readImports, sourceFiles } from './support/import-graph.ts';

const root = fileURLToPath(new URL('../src', import.meta.url));

test('imports point down, never up or sideways, and core imports nothing from outside', () => {
  const imports = readImports(root);
  assert.ok(imports.length > 50, 'the sources were found');
  assert.deepEqual(imports.map(breachOf).filter(Boolean), []);
});

test('no file imports itself in a circle, not even for a type', () => {
  assert.deepEqual(findCycles(readImports(root)), []);
});

test('the graph misses none of the imports that a compiler sees', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: sourceFiles(root).filter((file) => !file.endsWith('.d.ts')),
    outdir: '/nowhere',
    write: false,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    metafile: true,
    logLevel: 'silent',
  });
  const known = new Set(readImports(root).map(({ from, to }) => `${from} → ${to}`));
  const seen = Object.entries(metafile.inputs).flatMap(([from, { imports }]) =>
    imports.map(({ path }) => `${from} → ${path}`),
  );
  assert.ok(seen.length > 50, 'the compiler saw the sources');
  assert.deepEqual(
    seen.filter((link) => !known.has(link)),
    [],
  );
});

test('every form of import is read', () => {
  const source = `
import './a.ts';
import b, { type B } from '../core/b.ts';
import type { C } from './c.ts';
import {
  d,
} from "./d.ts";
export * from './e.ts';
export type { F } from './f.ts';
export const from = 'nowhere';
type G = import('./g.ts').G;
const h = await import('./h.js');
const worker = new Worker(new URL('./i.ts', import.meta.url));
import { readFile } from 'node:fs';
// import './comment.ts';
/**
 * import { x } from 'comment';
 * @example await import('comment')
 */
`;
  const links = importsOf('http/x.ts', source);
  const read = links.map(
    ({ to, isFile, isType }) => `${isType ? 'type ' : ''}${isFile ? '' : 'module '}${to}`,
  );
  assert.deepEqual(
    read.sort(),
    [
      'http/a.ts',
      'core/b.ts',
      'type http/c.ts',
      'http/d.ts',
      'http/e.ts',
      'type http/f.ts',
      'http/g.ts',
      'http/h.ts',
      'http/i.ts',
      'module node:fs',
    ].sort(),
  );
  assert.throws(() => importsOf('http/x.ts', 'await import(name)'), /computed import/);
});

test('a breach of the floors is found', () => {
  const breaches: [from: string, to: string, type?: 'type'][] = [
    ['core/room.ts', 'stores/memory-store.ts', 'type'],
    ['core/room.ts', 'node:crypto'],
    ['core/room.ts', 'fastify', 'type'],
    ['delivery/stream.ts', 'stores/memory-store.ts'],
    ['config/options.ts', 'schemas/events.ts', 'type'],
    ['http/pull-routes.ts', 'app.ts', 'type'],
    ['plugin.ts', 'app.ts'],
    ['server.ts', 'cli/main.ts'],
    ['core/room.ts', '../package.json'],
    ['http/pages.ts', 'web/page.ts'],
    ['app.ts', 'client/client.ts'],
    ['cli/main.ts', 'web/page.ts'],
    ['client/client.ts', 'core/events.ts'],
    ['client/client.ts', 'node:http'],
    ['web/page.ts', 'http/pages.ts', 'type'],
    ['helpers/x.ts', 'core/events.ts'],
    ['helpers.ts', 'node:fs'],
  ];
  for (const [from, to, type] of breaches) assert.ok(breachOf(link(from, to, type)), `${from} imports ${to}`);
});

test('what the floors allow is no breach', () => {
  const allowed: [from: string, to: string, type?: 'type'][] = [
    ['core/room.ts', 'core/events.ts'],
    ['delivery/stream.ts', 'core/events.ts'],
    ['delivery/stream.ts', 'node:net'],
    ['http/pull-routes.ts', 'config/config.ts', 'type'],
    ['app.ts', 'plugin.ts'],
    ['server.ts', 'system/clock.ts'],
    ['cli/chat/chat.ts', 'client/client.ts'],
    ['web/page.ts', 'client/client.ts'],
    ['web/page.ts', 'core/events.ts', 'type'],
  ];
  for (const [from, to, type] of allowed) assert.equal(breachOf(link(from, to, type)), undefined);
});

test('a circle is found, also one of three and one beside the first', () => {
  const imports = [
    link('a.ts', 'b.ts'),
    link('b.ts', 'c.ts', 'type'),
    link('c.ts', 'a.ts'),
    link('c.ts', 'd.ts'),
    link('d.ts', 'd.ts'),
    link('e.ts', 'a.ts'),
  ];
  assert.deepEqual(findCycles(imports), ['a.ts → b.ts → c.ts → a.ts', 'd.ts → d.ts']);
  assert.deepEqual(findCycles([link('a.ts', 'b.ts'), link('a.ts', 'c.ts'), link('b.ts', 'c.ts')]), []);
});

function link(from: string, to: string, type?: 'type'): Import {
  return { from, to, isFile: /\.ts$|^\.\./.test(to), isType: type === 'type' };
}

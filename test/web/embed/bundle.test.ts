import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** It stands in pages of others, who count. Each language is some 200 bytes of it. */
const mostBytes = 6.5 * 1024;

test('the script for pages of others is small, and one file', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../src/web/embed/embed.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
  });
  const [script] = outputFiles;
  assert.equal(outputFiles.length, 1);
  const bytes = gzipSync(script?.contents ?? '', { level: 9 }).length;
  assert.ok(bytes > 1000 && bytes <= mostBytes, `${bytes} bytes compressed`);
  assert.doesNotMatch(script?.text ?? '', /\bimport\s*[{"'(*]|innerHTML|insertAdjacentHTML|document\.write/);
});

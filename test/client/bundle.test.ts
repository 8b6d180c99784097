import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What the whole client may cost a page, compressed. Coming in by tokens that are renewed is some 150 bytes of it. */
const maxBytes = 6.75 * 1024;

test('all of the client, bundled and compressed, is small, and needs nothing from elsewhere', async (t) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/client/index.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    metafile: true,
    write: false,
  });
  const [output] = outputFiles;
  assert.ok(output);
  const size = gzipSync(output.contents, { level: 9 }).length;
  t.diagnostic(`${size} bytes of ${maxBytes}`);
  assert.ok(size <= maxBytes, `${size} bytes are more than ${maxBytes}`);
  assert.ok(Object.keys(metafile.inputs).length > 10, 'it is the whole client');
  for (const path of Object.keys(metafile.inputs)) assert.match(path, /src\/client\/[a-z-]+\.ts$/);
});

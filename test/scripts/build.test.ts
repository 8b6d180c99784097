import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

const assets = new URL('../../public/assets/', import.meta.url);

test('every bundle of the manifest is there, named by its content, with its compressed forms', () => {
  const manifest = readManifest();
  assert.deepEqual(Object.keys(manifest).sort(), [
    'admin.css',
    'admin.js',
    'builder.css',
    'builder.js',
    'de.js',
    'docs.css',
    'embed.js',
    'frame.css',
    'frame.js',
    'help.js',
    'name-check.js',
    'page.css',
    'page.js',
    'plain.css',
    'sign-in-view.js',
    'uPlot.esm.js',
  ]);
  for (const [name, file] of Object.entries(manifest)) {
    const [, stem = '', suffix] = /^(.*)\.(\w+)$/.exec(name) ?? [];
    assert.match(file, new RegExp(`^${stem.replaceAll('.', '\\.')}-[A-Z0-9]{8}\\.${suffix}$`));
    const content = readFileSync(new URL(file, assets));
    assert.deepEqual(brotliDecompressSync(readFileSync(new URL(`${file}.br`, assets))), content);
    assert.deepEqual(gunzipSync(readFileSync(new URL(`${file}.gz`, assets))), content);
  }
});

test('a bundle needs no other file; what it loads on demand is in the manifest as well', () => {
  const manifest = readManifest();
  for (const name of ['page.js', 'frame.js', 'builder.js', 'embed.js']) {
    const script = readFileSync(new URL(manifest[name] ?? '', assets), 'utf8');
    assert.ok(script.length > 1000, name);
    // Not by `doesNotMatch`, which would print all of it.
    assert.equal(/\bimport\s*[{"'*]|\bfrom\s*["']/.exec(script)?.[0], undefined, name);
    const onDemand = [...script.matchAll(/\bimport\(\s*["'`]\.\/([^"'`]+)/g)].map(([, file]) => file);
    assert.equal(onDemand.length > 0, name === 'page.js' || name === 'frame.js', name);
    for (const file of onDemand) assert.ok(Object.values(manifest).includes(file ?? ''), file);
  }
});

test('of older builds only the last is kept', () => {
  const bundles = readdirSync(assets).filter((name) => /-[A-Z0-9]{8}\.(js|css)$/.test(name));
  const names = bundles.map((name) => basename(name).replace(/-[A-Z0-9]{8}/, ''));
  for (const name of new Set(names)) assert.ok(names.filter((other) => other === name).length <= 2, name);
});

function readManifest(): Record<string, string> {
  return JSON.parse(readFileSync(new URL('manifest.json', assets), 'utf8'));
}

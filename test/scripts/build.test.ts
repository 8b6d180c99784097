import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

const assets = new URL('../../public/assets/', import.meta.url);

test('every bundle of the manifest is there, named by its content, with its compressed forms', () => {
  const manifest = readManifest();
  assert.deepEqual(Object.keys(manifest).sort(), ['page.css', 'page.js', 'plain.css']);
  for (const [name, file] of Object.entries(manifest)) {
    const [stem, suffix] = name.split('.');
    assert.match(file, new RegExp(`^${stem}-[A-Z0-9]{8}\\.${suffix}$`));
    const content = readFileSync(new URL(file, assets));
    assert.deepEqual(brotliDecompressSync(readFileSync(new URL(`${file}.br`, assets))), content);
    assert.deepEqual(gunzipSync(readFileSync(new URL(`${file}.gz`, assets))), content);
  }
});

test('a bundle needs no other file', () => {
  const script = readFileSync(new URL(readManifest()['page.js'] ?? '', assets), 'utf8');
  assert.doesNotMatch(script, /\bimport\s*[{"'(*]|\bfrom\s*["']/);
  assert.ok(script.length > 1000);
});

test('of older builds only the last is kept', () => {
  const bundles = readdirSync(assets).filter((name) => /-[A-Z0-9]{8}\.(js|css)$/.test(name));
  const names = bundles.map((name) => basename(name).replace(/-[A-Z0-9]{8}/, ''));
  for (const name of new Set(names)) assert.ok(names.filter((other) => other === name).length <= 2, name);
});

function readManifest(): Record<string, string> {
  return JSON.parse(readFileSync(new URL('manifest.json', assets), 'utf8'));
}

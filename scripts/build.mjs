/**
 * Builds what runs: the server into dist/, the browser bundles into public/assets/. Called by `prepare`, so after
 * `npm ci`. A server that is running meanwhile goes on undisturbed: dist/ is swapped by renaming, and the assets
 * that the manifest before named stay until the build after.
 * `node scripts/build.mjs FOLDER` builds the bundles alone, into that folder.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** What pages load: each becomes one bundle. Relative to the project. */
const entries = [
  'src/web/page.ts',
  'src/web/page.css',
  'src/web/plain.css',
  'src/web/docs.css',
  'src/web/embed/embed.ts',
  'src/web/embed/frame.ts',
  'src/web/embed/frame.css',
  'src/web/embed/builder.ts',
  'src/web/embed/builder.css',
  'src/web/admin/admin.ts',
  'src/web/admin/admin.css',
];

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(project, 'dist');
const [assetsOnly] = process.argv.slice(2);
const assets = assetsOnly ?? join(project, 'public/assets');
const manifestFile = join(assets, 'manifest.json');

/** Says what is wrong without a stack trace. */
class BuildError extends Error {}

try {
  const startedAt = performance.now();
  const tools = await loadTools();
  if (tools === undefined) {
    console.log('parlor: development dependencies are missing; what was built before stays.');
  } else {
    const server = assetsOnly === undefined ? [buildServer(tools.tsc)] : [];
    const [names] = await Promise.all([buildAssets(tools.esbuild), ...server]);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const built = [...server.map(() => 'dist/'), ...names];
    console.log(`parlor: built ${built.join(', ')} in ${seconds} s.`);
  }
} catch (error) {
  console.error(error instanceof BuildError ? `parlor: the build failed: ${error.message}` : error);
  process.exitCode = 1;
}

/** The compilers; undefined if they are not installed but what they would make is there (`npm ci --omit=dev`). */
async function loadTools() {
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  const esbuild = await import('esbuild').catch(() => undefined);
  if (esbuild !== undefined && existsSync(tsc)) return { tsc, esbuild };
  if (existsSync(join(dist, 'server.js')) && existsSync(manifestFile)) return undefined;
  throw new BuildError(
    'typescript and esbuild are not installed. Run `npm ci` without --omit=dev, then prune.',
  );
}

async function buildServer(tsc) {
  const fresh = `${dist}-${process.pid}`;
  const old = `${fresh}-old`;
  try {
    await run(tsc, ['-p', 'tsconfig.build.json', '--outDir', fresh]);
    await rename(dist, old).catch(unlessMissing);
    await rename(fresh, dist);
  } finally {
    await Promise.all([fresh, old].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

/** Runs a script of Node's; what it prints is seen. */
function run(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: project, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new BuildError(`${basename(script)} ended with ${signal ?? code}.`));
    });
  });
}

async function buildAssets(esbuild) {
  const missing = entries.filter((entry) => !existsSync(join(project, entry)));
  if (missing.length > 0) throw new BuildError(`${missing.join(' and ')} missing.`);
  // One by one: what two of them have in common is in both, so that none has to wait for another file.
  const results = await Promise.all(entries.map((entry) => bundle(esbuild, entry)));
  const manifest = Object.assign({}, ...results.map(({ metafile }) => manifestOf(metafile)));
  const before = await readManifest();
  await mkdir(assets, { recursive: true });
  // Two bundles may bring the same file.
  const files = new Map(results.flatMap(({ outputFiles }) => outputFiles.map((file) => [file.path, file])));
  await Promise.all([...files.values()].map((file) => writeAsset(file)));
  await writeWhole(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  await removeExcept([...Object.values(manifest), ...Object.values(before)]);
  return Object.values(manifest);
}

function bundle(esbuild, entry) {
  return esbuild
    .build({
      absWorkingDir: project,
      entryPoints: [entry],
      entryNames: '[name]-[hash]',
      // What is loaded on demand: languages, and what few need.
      chunkNames: '[name]-[hash]',
      splitting: true,
      outdir: assets,
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      sourcemap: 'external',
      charset: 'utf8',
      // What is of others says so: a comment that begins with `/*!`.
      legalComments: 'eof',
      metafile: true,
      write: false,
      logLevel: 'warning',
    })
    .catch((error) => {
      // esbuild has told each of them already, with its place.
      throw Array.isArray(error.errors)
        ? new BuildError(`${error.errors.length} error(s) in src/web.`)
        : error;
    });
}

/** Which file each entry became: `page.js` → `page-6YQ5T7CB.js`. */
function manifestOf({ outputs }) {
  const files = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint !== undefined);
  return Object.fromEntries(
    files.map(([path, { entryPoint }]) => [basename(entryPoint).replace(/\.ts$/, '.js'), basename(path)]),
  );
}

async function readManifest() {
  try {
    return JSON.parse(await readFile(manifestFile, 'utf8'));
  } catch {
    return {};
  }
}

/** An asset with its compressed forms beside it, which save the server the work on every request. */
async function writeAsset({ path, contents }) {
  await writeWhole(path, contents);
  if (path.endsWith('.map')) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeWhole(`${path}.br`, await promisify(brotliCompress)(contents, { params }));
  await writeWhole(`${path}.gz`, await promisify(gzip)(contents, { level: constants.Z_BEST_COMPRESSION }));
}

/** Nobody ever reads half of it. */
async function writeWhole(path, contents) {
  const unfinished = `${path}.${process.pid}.tmp`;
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}

async function removeExcept(names) {
  const kept = new Set(names.flatMap((name) => [name, `${name}.br`, `${name}.gz`, `${name}.map`]));
  kept.add(basename(manifestFile));
  // Another build that runs at the same time removes its own unfinished files.
  const old = (await readdir(assets)).filter((name) => !kept.has(name) && !name.endsWith('.tmp'));
  await Promise.all(old.map((name) => rm(join(assets, name), { recursive: true, force: true })));
}

function unlessMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}

/**
 * Compiles the TypeScript of the project once, so that the processes of a test run start from JavaScript: from
 * TypeScript each takes twice as long, and there are more than a thousand.
 */
import { chmod, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const project = dirname(dirname(fileURLToPath(import.meta.url)));

/** @returns a new folder with all of it, which the caller removes: `test/app.test.ts` is `test/app.test.js` there */
export async function compileProject() {
  const folder = await mkdtemp(join(tmpdir(), 'parlor-compiled-'));
  // As open as the project: some tests start a server as another user.
  await chmod(folder, 0o755);
  await Promise.all([
    // What the server finds beside `src` and `dist`, and what both import.
    ...['package.json', 'public', 'node_modules'].map((name) =>
      symlink(join(project, name), join(folder, name)),
    ),
    // The server finds its threads beside itself: it keeps the addresses that its files have there.
    compile(folder, ['src'], {}),
    compile(folder, ['test', 'bench', 'scripts'], {
      // The others look for what is not compiled: they are told where they come from.
      define: { 'import.meta.url': 'sourceUrl' },
      banner: {
        js: `const sourceUrl = import.meta.url.replace(${JSON.stringify(pathToFileURL(folder).href)}, ${JSON.stringify(pathToFileURL(project).href)}).replace(/js$/, 'ts');`,
      },
    }),
  ]);
  return folder;
}

async function compile(folder, names, options) {
  const files = await Promise.all(names.map(sourcesIn));
  await build({
    absWorkingDir: project,
    entryPoints: files.flat(),
    outdir: folder,
    outbase: '.',
    // Each file by itself: "bundling" only changes the names of what it imports.
    bundle: true,
    treeShaking: false,
    packages: 'external',
    plugins: [besideEachOther],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
    ...options,
  });
}

async function sourcesIn(name) {
  const names = await readdir(join(project, name), { recursive: true });
  return names.filter((path) => /(?<!\.d)\.ts$/.test(path)).map((path) => join(name, path));
}

const besideEachOther = {
  name: 'beside each other',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const target = path.endsWith('.ts') ? path.replace(/ts$/, 'js') : join(resolveDir, path);
      return { path: target, external: true };
    });
  },
};

/** What is measured, as it is run in earnest: Parlor and the programs of the benchmark, compiled into a temporary folder. */

import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';

const project = fileURLToPath(new URL('..', import.meta.url));
const compileTimeoutMs = 120_000;

export interface Built {
  readonly server: string;
  /** Those of Node with which `npm start` starts the server. */
  readonly nodeOptions: readonly string[];
  /** Where a program of `bench/` is, such as `servers/raw-net`. */
  program(name: string): string;
  /** A new empty folder. */
  folder(): string;
  remove(): void;
}

export async function buildAll(): Promise<Built> {
  const root = await mkdtemp(join(tmpdir(), 'parlor-bench-'));
  let folders = 0;
  // Beside `dist` stands what the server finds beside it at home.
  await writeFile(join(root, 'package.json'), '{"type":"module"}');
  for (const name of ['node_modules', 'public']) await symlink(join(project, name), join(root, name));
  await Promise.all([compileServer(join(root, 'dist')), bundlePrograms(join(root, 'bench'))]);
  return {
    server: join(root, 'dist/server.js'),
    nodeOptions: await nodeOptionsOfStart(),
    program: (name) => join(root, 'bench', `${name}.js`),
    folder: () => {
      const folder = join(root, `run-${++folders}`);
      mkdirSync(folder);
      return folder;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function nodeOptionsOfStart(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const [, options] = /^exec node(( --\S+)*) dist\/cli\/parlor\.js serve$/.exec(scripts.start) ?? [];
  if (options === undefined) throw new Error(`npm start is not understood: ${scripts.start}`);
  return options.split(' ').filter(Boolean);
}

async function compileServer(outDir: string): Promise<void> {
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  // `npm run types` is what checks types.
  const args = [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', outDir];
  await promisify(execFile)(process.execPath, args, { cwd: project, timeout: compileTimeoutMs });
}

async function bundlePrograms(outdir: string): Promise<void> {
  const folders = ['servers', 'domain'];
  const programs = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(project, 'bench', folder));
      return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
    }),
  );
  await build({
    absWorkingDir: join(project, 'bench'),
    entryPoints: ['load/generator.ts', ...programs.flat()],
    outdir,
    outbase: '.',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    plugins: [compiledServer],
  });
}

/** Programs run the compiled server's modules, which find their threads beside them. */
const compiledServer: Plugin = {
  name: 'compiled server',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/\.\.\/src\// }, ({ path }) => ({
      path: path.replace('/src/', '/dist/').replace(/\.ts$/, '.js'),
      external: true,
    }));
  },
};

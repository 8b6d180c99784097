/** Packs Parlor as npm would publish it, and judges what came out. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';

/** What the package may weigh, compressed: some more than it does. Beyond that something has come in that was not meant to. */
const maxPackedBytes = 2_500_000;
const entrypoints = ['.', './client', './embed', './package.json'];
const startTimeoutMs = 60_000;

/**
 * The path of the tarball that npm makes of a folder, in which it is built already.
 * @param into the folder to put it in
 */
export function pack(folder: string, into: string): string {
  mkdirSync(into, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', into];
  const printed = execFileSync('npm', args, { cwd: folder, encoding: 'utf8' });
  return join(into, printed.trim().split('\n').at(-1) ?? '');
}

/** What npm, compilers and whoever downloads it would have to say against a tarball. */
export async function faultsOf(path: string): Promise<string[]> {
  const tarball = new Uint8Array(readFileSync(path));
  const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  const found = messages.map((message) => `publint: ${JSON.stringify(message)}`);

  const content = createPackageFromTarballData(tarball);
  const checked = await checkPackage(content);
  if (checked.types === false) return [...found, 'attw: there are no types'];
  // There is no CommonJS of it, and what knows no `exports` is older than any Node that runs it.
  const isOld = (problem: object): boolean =>
    'resolutionKind' in problem &&
    (problem.resolutionKind === 'node10' || problem.resolutionKind === 'node16-cjs');
  const problems = checked.problems.filter((problem) => !isOld(problem));
  found.push(...problems.map((problem) => `attw: ${JSON.stringify(problem)}`));
  if (Object.keys(checked.entrypoints).join() !== entrypoints.join()) {
    found.push(`attw: its entry points are ${Object.keys(checked.entrypoints).join(' ')}`);
  }

  if (tarball.length > maxPackedBytes) {
    found.push(`size: ${tarball.length} bytes are more than ${maxPackedBytes}`);
  }
  return found;
}

/**
 * Installs a tarball for everybody, as `npm install -g` does, but into a folder of its own.
 * @returns the path of the command
 */
export function installGlobally(tarball: string, prefix: string, options: readonly string[] = []): string {
  execFileSync('npm', ['install', '--global', '--prefix', prefix, '--silent', ...options, tarball]);
  return join(prefix, 'bin/parlor');
}

/**
 * Runs an installed command: its version, and the server until it has answered.
 * @param folder where the server runs
 * @throws Error that says what it did instead
 */
export async function proveCommand(command: string, version: string, folder: string): Promise<void> {
  const printed = execFileSync(command, ['--version'], { cwd: folder, encoding: 'utf8' }).trim();
  if (printed !== version) throw new Error(`parlor --version printed ${printed}, not ${version}.`);
  const server = spawn(command, ['serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', STORE_URL: 'memory:' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: startTimeoutMs,
  });
  const exited = once(server, 'exit');
  try {
    const url = await addressOf(server.stdout);
    for (const path of ['/readyz', '/']) {
      const { status } = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
      if (status !== 200) throw new Error(`parlor serve answered ${path} with ${status}.`);
    }
    await assets(url);
  } finally {
    server.kill();
  }
  const [code] = await exited;
  if (code !== 0) throw new Error(`parlor serve ended with ${code}.`);
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [, url] = /Parlor is open at (https?:\/\/[^\s"]+)/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('parlor serve ended before it listened.');
}

/** Whether what the page loads is there, which is built and not written. */
async function assets(url: string): Promise<void> {
  const html = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
  const paths = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  if (paths.length < 2) throw new Error('The page loads neither script nor style.');
  for (const path of paths) {
    const { status } = await fetch(`${url}${path}`);
    if (status !== 200) throw new Error(`parlor serve answered ${path} with ${status}.`);
  }
}

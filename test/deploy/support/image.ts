/**
 * Builds what the Dockerfile describes without an engine: each stage is a folder, in which its instructions are carried out. What
 * stands at absolute paths in the image is below that folder here.
 */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { environmentOf, isInContext, type Stage } from './dockerfile.ts';

/** By whom the server is run where root runs the tests. */
export const nobody = 65_534;
export const isRoot = process.getuid?.() === 0;

export interface Image {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The folder in which its command runs. */
  readonly workingDirectory: string;
}

export interface Context {
  /** The project. */
  readonly folder: string;
  readonly ignoreFile: string;
}

/**
 * @param within a folder of a test's own
 * @param carryOut what to do of a command of RUN: the command as it stands here, undefined to leave it out
 */
export function buildImage(
  stages: readonly Stage[],
  context: Context,
  within: string,
  carryOut: (command: string, folder: string) => string | undefined,
): Image {
  const folders = new Map<string, string>();
  let image: Image | undefined;
  for (const [number, stage] of stages.entries()) {
    const folder = join(within, stage.name ?? `stage-${number}`);
    folders.set(stage.name ?? `${number}`, folder);
    image = buildStage(stage, folder, context, folders, carryOut);
  }
  if (!image) throw new Error('There is no stage.');
  return image;
}

function buildStage(
  stage: Stage,
  folder: string,
  context: Context,
  folders: ReadonlyMap<string, string>,
  carryOut: (command: string, folder: string) => string | undefined,
): Image {
  const inside = (path: string): string => join(folder, path);
  mkdirSync(inside('/usr/local/bin'), { recursive: true });
  let workingDirectory = '/';
  for (const { keyword, args } of stage.instructions) {
    switch (keyword) {
      case 'WORKDIR':
        workingDirectory = args;
        mkdirSync(inside(args), { recursive: true });
        break;
      case 'COPY':
        copy(args, inside(workingDirectory), context, folders);
        break;
      case 'RUN': {
        const command = carryOut(pathsWithin(args, folder), inside(workingDirectory));
        if (command !== undefined) {
          execFileSync('sh', ['-ec', command], {
            cwd: inside(workingDirectory),
            stdio: ['ignore', 'ignore', 'inherit'],
          });
        }
        break;
      }
      case 'ENV':
      case 'LABEL':
      case 'USER':
      case 'VOLUME':
      case 'EXPOSE':
      case 'STOPSIGNAL':
      case 'HEALTHCHECK':
      case 'CMD':
        break;
      default:
        throw new Error(`Nobody here knows how to carry out ${keyword}.`);
    }
  }
  const environment = Object.entries(environmentOf(stage)).map(([name, value]) => [
    name,
    pathsWithin(value, folder),
  ]);
  return { folder, environment: Object.fromEntries(environment), workingDirectory: inside(workingDirectory) };
}

/** As the paths of the image are found on this machine. */
export function pathsWithin(text: string, folder: string): string {
  return text.replace(/(^|[\s:])(?=\/(?:app|build|data|usr\/local\/bin)\b)/g, `$1${folder}`);
}

function copy(args: string, into: string, context: Context, folders: ReadonlyMap<string, string>): void {
  const words = args.split(/\s+/);
  const [, from] = /^--from=(\S+)$/.exec(words[0] ?? '') ?? [];
  const sources = words.slice(from === undefined ? 0 : 1, -1);
  const destination = words.at(-1) ?? '';
  for (const source of sources) {
    const base = from === undefined ? context.folder : (folders.get(from) ?? from);
    const path = join(base, source);
    if (!existsSync(path)) throw new Error(`COPY ${args}: there is no ${source}.`);
    // The content of a folder is copied, a file under its own name.
    const isFolder = statSync(path).isDirectory();
    const target = isFolder ? join(into, destination) : join(into, destination, basename(path));
    const isGiven = (file: string): boolean =>
      from !== undefined ||
      statSync(file).isDirectory() ||
      isInContext(relative(base, file), context.ignoreFile);
    if (!isFolder && !isGiven(path)) throw new Error(`COPY ${args}: ${source} is ignored.`);
    mkdirSync(dirname(target), { recursive: true });
    // Nobody needs the stage before any more, and there are thousands of files.
    if (from !== undefined) renameSync(path, target);
    else cpSync(path, target, { recursive: true, filter: isGiven, verbatimSymlinks: true });
  }
}

/** Puts what a server needs of packages where `npm ci` and `npm prune` would have left them. */
export function placePackages(project: string, into: string): void {
  const { packages }: { packages: Record<string, { dev?: boolean }> } = JSON.parse(
    readFileSync(join(project, 'package-lock.json'), 'utf8'),
  );
  const needed = Object.keys(packages).filter((path) => path !== '' && packages[path]?.dev !== true);
  for (const path of needed) {
    const from = join(project, path);
    // A package within another comes by itself if it is needed; of files those that are never loaded stay away.
    const isWanted = (file: string): boolean =>
      file === from || !/\/node_modules$|better-sqlite3\/(deps|src)$|\.(map|md|d\.[cm]?ts)$/.test(file);
    // What is for other systems is not there.
    if (existsSync(from)) cpSync(from, join(into, path), { recursive: true, filter: isWanted });
  }
}

/** Takes from everybody the right to write anything in a folder. */
export function makeReadOnly(folder: string): void {
  for (const name of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, name.name);
    if (name.isDirectory()) makeReadOnly(path);
    else if (name.isFile()) chmodSync(path, statSync(path).mode & 0o555);
  }
  chmodSync(folder, 0o555);
}

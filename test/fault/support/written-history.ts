/** A database as a process left it that was killed, with the state after each of its commits. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { programCommand } from '../../support/program.ts';
import { temporaryFolder } from '../../support/sqlite.ts';

/** How the log is written back: as always, while somebody reads, or once more at the end without being truncated. */
export type Manner = 'usual' | 'read' | 'twice';

/** The files of a database; one that is undefined is not there. */
export interface Files {
  readonly main: Buffer | undefined;
  /** The write-ahead log. */
  readonly log: Buffer | undefined;
  /** The index of the log, in memory that processes share. */
  readonly index: Buffer | undefined;
}

export type WholeFiles = { readonly [name in keyof Files]: Buffer };

export interface WrittenHistory extends WholeFiles {
  /** After each commit that changed anything, the first one being that of an empty database. */
  readonly states: readonly string[];
  /** The epochs of the rooms, as they were at the end. */
  readonly epochs: string;
  /** The files as they stood while it was written, after some commits. */
  readonly copies: readonly (WholeFiles & { readonly commit: number })[];
}

const writer = programCommand('test/fault/support/history-writer.ts');

/** Lets a process write so many commits, and kills it. */
export async function writeHistory(
  t: TestContext,
  options: { seed: number; commits: number; copies?: number; manner?: Manner },
): Promise<WrittenHistory> {
  const { seed, commits, copies: copyCount = 0, manner = 'usual' } = options;
  const folder = temporaryFolder(t);
  const path = join(folder, 'parlor.db');
  const [node = '', ...args] = [...writer, path, ...[seed, commits, copyCount].map(String), manner];
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.after(() => child.kill('SIGKILL'));
  const states: string[] = [];
  const copied: { readonly name: string; readonly commit: number }[] = [];
  let epochs: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('end ')) {
      epochs = line.slice('end '.length);
      break;
    }
    if (line.startsWith('copied ')) {
      copied.push({ name: `at-${line.slice('copied '.length)}`, commit: states.length - 1 });
    } else if (line !== states.at(-1)) states.push(line);
  }
  child.kill('SIGKILL');
  await exited;
  if (epochs === undefined) throw new Error('The process ended before it had written everything.');
  const copies = copied.map(({ name, commit }) => ({ commit, ...whole(join(folder, name, 'parlor.db')) }));
  return { ...whole(path), states, epochs, copies };
}

function whole(path: string): WholeFiles {
  const { main, log, index } = readFiles(path);
  if (!main || !log || !index) throw new Error('The process left no database behind.');
  return { main, log, index };
}

export function readFiles(path: string): Files {
  const read = (file: string) => (existsSync(file) ? readFileSync(file) : undefined);
  return { main: read(path), log: read(`${path}-wal`), index: read(`${path}-shm`) };
}
